/* What a native kernel is: a function of its arguments and of the range of work items that one thread is to do. */
#ifndef NATIVE_H
#define NATIVE_H
#include <stdint.h>

typedef struct {
  void *buffers[6];
  const float *scalars;
  int64_t size; /* length, or side of a square */
} Arguments;

typedef void Kernel(const Arguments *arguments, int64_t from, int64_t to);

/* The table of a library: its kernels by the names of the cases, ended by a null. */
typedef struct {
  const char *name;
  Kernel *kernel;
} Entry;
extern const Entry entries[];
#endif
