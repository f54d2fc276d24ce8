/* All cores for a kernel: threads that live as long as the library, and chunks dealt from a counter. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include "native.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER, finished = PTHREAD_COND_INITIALIZER;
static int helpers, busy;
static uint64_t job;

static Kernel *kernel;
static const Arguments *arguments;
static int64_t total, chunk;
static _Atomic int64_t next;

static void work(void) {
  for (;;) {
    int64_t from = atomic_fetch_add(&next, chunk);
    if (from >= total) return;
    kernel(arguments, from, from + chunk < total ? from + chunk : total);
  }
}

static void *help(void *unused) {
  uint64_t seen = 0;
  (void)unused;
  pthread_mutex_lock(&lock);
  for (;;) {
    while (job == seen) pthread_cond_wait(&started, &lock);
    seen = job;
    pthread_mutex_unlock(&lock);
    work();
    pthread_mutex_lock(&lock);
    if (--busy == 0) pthread_cond_signal(&finished);
  }
  return NULL;
}

/* The caller works too, so `threads` of 1 starts none. */
void start(int threads) {
  for (int i = 1; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, help, NULL) == 0) helpers++;
  }
}

/*
 * Runs a kernel `steps` times over `items` work items in chunks of `size_of_chunk`; every other step has buffers 0 and 1
 * the other way round. Returns 0 where there is no such kernel.
 */
int run(const char *name, void *b0, void *b1, void *b2, void *b3, void *b4, void *b5, const float *scalars,
        int64_t size, int64_t items, int64_t size_of_chunk, int steps) {
  Arguments given = {{b0, b1, b2, b3, b4, b5}, scalars, size};
  const Entry *entry = entries;
  while (entry->name != NULL && strcmp(entry->name, name) != 0) entry++;
  if (entry->name == NULL) return 0;
  for (int step = 0; step < steps; step++) {
    pthread_mutex_lock(&lock);
    kernel = entry->kernel;
    arguments = &given;
    total = items;
    chunk = size_of_chunk;
    atomic_store(&next, 0);
    busy = helpers;
    job++;
    pthread_cond_broadcast(&started);
    pthread_mutex_unlock(&lock);
    work();
    pthread_mutex_lock(&lock);
    while (busy > 0) pthread_cond_wait(&finished, &lock);
    pthread_mutex_unlock(&lock);
    void *first = given.buffers[0];
    given.buffers[0] = given.buffers[1];
    given.buffers[1] = first;
  }
  return 1;
}
