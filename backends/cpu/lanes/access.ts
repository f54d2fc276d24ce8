/**
 * Memory from four lanes. Where one index counts up from lane to lane and the others are the same (or the array is the lanes' own), an access
 * is a row (rows.ts), with one check for all lanes. Any other is a gather or scatter with an address for each lane.
 *
 * A mask says which lanes take part. A gather sends the lanes that do not, or are out of bounds, to the unused bytes at address 0
 * and then zeroes what they got; a scatter passes them over.
 *
 * The private arrays of four neighbours lie interleaved: each component four times, lane after lane.
 */

import type { AtomicOp } from '../../../src/ir/ops.ts';
import type { Memory, Operation, Value } from '../../../src/ir/program.ts';
import { componentBytes, componentCount, elementBytes } from '../../../src/ir/types.ts';
import type { Accesses } from '../access.ts';
import type { Push } from '../arithmetic.ts';
import { type Layout, type Row, Rows } from './rows.ts';
import { type LaneValues, laneCount, laneNumbers } from './values.ts';

/** Indices of which one counts up from lane to lane; of private arrays, none. */
interface Line {
  readonly indices: readonly Push[];
  readonly axis: number | undefined;
}

export class LaneAccesses {
  readonly #values: LaneValues;
  readonly #rows: Rows;
  readonly #scalar: Accesses;
  readonly #sure: ReadonlySet<Operation>;

  /** `sure`: accesses in bounds in all lanes, also those that do not take part. */
  constructor(values: LaneValues, scalar: Accesses, sure: ReadonlySet<Operation> = new Set()) {
    this.#values = values;
    this.#rows = new Rows(values.code);
    this.#scalar = scalar;
    this.#sure = sure;
  }

  load(operation: Operation, mask: number | undefined): void {
    const { result, args } = operation;
    const sure = this.#sure.has(operation);
    const proven = sure || operation.proven === true;
    if (!this.#values.varies(result!)) {
      this.#scalar.load(sure ? { ...operation, proven: true } : operation);
      return;
    }
    const { code } = this.#values;
    const memory = operation.reference as Memory;
    const layout = this.#layout(memory);
    const locals = this.#values.locals(result!);
    const line = this.#lineOf(layout, args);
    if (line === undefined) {
      this.#gather(memory, layout, this.#holdVectors(args), proven, sure ? undefined : mask, locals);
      return;
    }
    const read = (): void => this.#rows.load(memory, layout, this.#rowOf(layout, line), locals);
    if (sure || isSure(layout, proven, mask)) read();
    else {
      this.#pushRowInside(layout, line);
      code.if();
      read();
      code.else();
      const vectors = this.#spread(line);
      this.#gather(memory, layout, vectors, proven, mask, locals);
      code.end();
    }
  }

  store(operation: Operation, mask: number | undefined): void {
    const { code } = this.#values;
    const { args, reference } = operation;
    const everywhere = this.#sure.has(operation);
    const proven = everywhere || operation.proven === true;
    const memory = reference as Memory;
    const layout = this.#layout(memory);
    const value = args.at(-1)!;
    const places = args.slice(0, -1);
    const components = Array.from({ length: componentCount(memory.element) }, (_, i) => i);
    const line = this.#lineOf(layout, places);
    if (line === undefined) {
      const vectors = this.#holdVectors(places);
      const held = components.map((i) => this.#values.hold(value, i));
      this.#scatter(memory, layout, vectors, proven, mask, held);
      return;
    }
    const held = components.map((i) => this.#values.hold(value, i));
    const write = (): void => this.#rows.store(memory, layout, this.#rowOf(layout, line), held);
    const sure = everywhere || isSure(layout, proven, mask);
    if (sure && mask === undefined) {
      write();
      return;
    }
    if (sure && mask !== undefined && layout.isPrivate && layout.bytes === 4) {
      this.#rows.blend(layout, this.#rowOf(layout, line), held, mask);
      return;
    }
    if (mask !== undefined) code.get(mask).op('i32x4.all_true');
    if (!sure) this.#pushRowInside(layout, line);
    if (!sure && mask !== undefined) code.op('i32.and');
    code.if();
    write();
    code.else();
    const vectors = this.#spread(line);
    this.#scatter(memory, layout, vectors, proven, mask, held);
    code.end();
  }

  /** Zeros the lanes' private arrays. */
  clear({ reference }: Operation, mask: number | undefined): void {
    const { code } = this.#values;
    const memory = reference as Memory & { readonly kind: 'local' };
    const { pushBase, offset, element, bytes } = this.#layout(memory);
    const length = memory.length * element;
    pushBase();
    code.i32(offset).op('i32.add');
    if (mask === undefined) {
      code.i32(0).i32(length).fill();
      return;
    }
    const address = code.local('i32');
    const end = code.local('i32');
    code.tee(address).i32(length).op('i32.add').set(end);
    const again = code.loop();
    for (const lane of laneNumbers) {
      code.get(mask).lane('i32x4.extract_lane', lane).if();
      code
        .get(address)
        .i32(0)
        .memory(bytes === 4 ? 'i32.store' : bytes === 2 ? 'i32.store16' : 'i32.store8', lane * bytes);
      code.end();
    }
    code
      .get(address)
      .i32(laneCount * bytes)
      .op('i32.add')
      .tee(address)
      .get(end)
      .op('i32.lt_u')
      .brIf(again)
      .end();
  }

  /** Lane after lane. */
  atomic(operation: Operation, op: AtomicOp, mask: number | undefined): void {
    const { code } = this.#values;
    const held = operation.args.map((arg) => this.#values.holdEach(arg));
    const result = operation.result === undefined ? undefined : this.#values.locals(operation.result)[0]!;
    const old = result === undefined ? undefined : code.local('i32');
    for (const lane of laneNumbers) {
      if (mask !== undefined) code.get(mask).lane('i32x4.extract_lane', lane).if();
      this.#scalar.atomicOn(
        operation,
        op,
        held.map((pushes) => pushes[lane]!),
        old,
      );
      if (result !== undefined) code.get(result).get(old!).lane('i32x4.replace_lane', lane).set(result);
      if (mask !== undefined) code.end();
    }
  }

  // ---- where ----

  #layout(memory: Memory): Layout {
    const { pushAddress, offset, dimensions } = this.#scalar.locate(memory);
    const isPrivate = memory.kind === 'local' && memory.space === 'private';
    const times = isPrivate ? laneCount : 1;
    const bytes = componentBytes(memory.element);
    return {
      pushBase: pushAddress,
      offset: offset * times + (isPrivate ? this.#values.first * this.#scalar.privateBytes : 0),
      dimensions,
      element: elementBytes(memory.element) * times,
      component: bytes * times,
      bytes,
      isPrivate,
    };
  }
  /** The indices, evaluated; undefined, and nothing evaluated, where the lanes' elements lie in no line. */
  #lineOf({ isPrivate }: Layout, indices: readonly Value[]): Line | undefined {
    const shapes = indices.map((index) => this.#values.lanes.shape(index));
    const axis = shapes.indexOf('consecutive');
    const others = shapes.filter((shape) => shape !== 'uniform').length;
    if (isPrivate ? others > 0 : axis < 0 || others > 1) return undefined;
    return {
      indices: indices.map((index) => this.#values.scalar.hold(index)),
      axis: isPrivate ? undefined : axis,
    };
  }
  /** Pushes whether the elements of all lanes are in bounds. */
  #pushRowInside({ dimensions }: Layout, { indices, axis: counting }: Line): void {
    const { code } = this.#values;
    indices.forEach((pushIndex, axis) => {
      pushIndex();
      dimensions[axis]!();
      code.op('i32.lt_u');
      if (axis > 0) code.op('i32.and');
    });
    if (counting === undefined) return;
    // no dimension comes near 2^32: where the first is in bounds, the last has not wrapped
    indices[counting]!();
    code.i32(this.#values.first + laneCount - 1).op('i32.add');
    dimensions[counting]!();
    code.op('i32.lt_u', 'i32.and');
  }
  #rowOf(layout: Layout, { indices, axis: counting }: Line): Row {
    const { code } = this.#values;
    const { first } = this.#values;
    const { dimensions, element, bytes, offset } = layout;
    const address = code.local('i32');
    indices.forEach((pushIndex, axis) => {
      if (axis > 0) {
        dimensions[axis]!();
        code.op('i32.mul');
      }
      pushIndex();
      if (axis > 0) code.op('i32.add');
    });
    code.i32(element).op('i32.mul');
    layout.pushBase();
    code.op('i32.add').set(address);
    if (counting === undefined) return { addresses: [address], offset, stride: bytes };
    if (counting === indices.length - 1)
      return { addresses: [address], offset: offset + first * element, stride: element };
    const step = code.local('i32');
    code.i32(element);
    for (const pushDimension of dimensions.slice(counting + 1)) {
      pushDimension();
      code.op('i32.mul');
    }
    code.set(step);
    const addresses = laneNumbers.map((lane) => {
      const own = code.local('i32');
      code
        .get(step)
        .i32(first + lane)
        .op('i32.mul')
        .get(address)
        .op('i32.add')
        .set(own);
      return own;
    });
    return { addresses, offset, stride: 0 };
  }

  #holdVectors(indices: readonly Value[]): readonly Push[] {
    return indices.map((index) => this.#values.hold(index));
  }
  /** The indices of a row as vectors. */
  #spread({ indices, axis: counting }: Line): readonly Push[] {
    const { code } = this.#values;
    return indices.map((push, axis) => () => {
      push();
      code.op('i32x4.splat');
      if (axis === counting) this.#values.addNumbers();
    });
  }
  /** The lanes that take part and are in bounds, as a mask in a local; undefined where that is all. */
  #inside(layout: Layout, indices: readonly Push[], proven: boolean, mask: number | undefined): number | undefined {
    if (proven) return mask;
    const { code } = this.#values;
    const inside = code.local('v128');
    indices.forEach((push, axis) => {
      push();
      layout.dimensions[axis]!();
      code.op('i32x4.splat', 'i32x4.lt_u');
      if (axis > 0) code.op('v128.and');
    });
    if (mask !== undefined) code.get(mask).op('v128.and');
    code.set(inside);
    return inside;
  }
  /** Pushes the lanes' addresses. */
  #pushAddresses(layout: Layout, indices: readonly Push[]): void {
    const { code } = this.#values;
    const { element, bytes, isPrivate } = layout;
    indices.forEach((push, axis) => {
      if (axis > 0) {
        layout.dimensions[axis]!();
        code.op('i32x4.splat', 'i32x4.mul');
      }
      push();
      if (axis > 0) code.op('i32x4.add');
    });
    const shift = Math.log2(element);
    if (!Number.isInteger(shift)) code.v128(element, element, element, element).op('i32x4.mul');
    else if (shift > 0) code.i32(shift).op('i32x4.shl');
    layout.pushBase();
    code.op('i32x4.splat', 'i32x4.add');
    if (isPrivate) code.v128(0, bytes, 2 * bytes, 3 * bytes).op('i32x4.add');
  }

  // ---- gathers and scatters ----

  #gather(
    memory: Memory,
    layout: Layout,
    indices: readonly Push[],
    proven: boolean,
    mask: number | undefined,
    locals: readonly number[],
  ): void {
    const { code } = this.#values;
    const inside = this.#inside(layout, indices, proven, mask);
    const addresses = code.local('v128');
    this.#pushAddresses(layout, indices);
    code.i32(layout.offset).op('i32x4.splat', 'i32x4.add');
    if (inside !== undefined) code.get(inside).op('v128.and');
    code.set(addresses);
    locals.forEach((local, i) => {
      this.#rows.pushLanes(
        memory,
        laneNumbers.map((lane) => () => code.get(addresses).lane('i32x4.extract_lane', lane)),
        laneNumbers.map(() => i * layout.component),
      );
      if (inside !== undefined) code.get(inside).op('v128.and');
      code.set(local);
    });
  }
  #scatter(
    memory: Memory,
    layout: Layout,
    indices: readonly Push[],
    proven: boolean,
    mask: number | undefined,
    values: readonly Push[],
  ): void {
    const { code } = this.#values;
    const inside = this.#inside(layout, indices, proven, mask);
    const addresses = code.local('v128');
    const address = code.local('i32');
    this.#pushAddresses(layout, indices);
    code.set(addresses);
    for (const lane of laneNumbers) {
      if (inside !== undefined) code.get(inside).lane('i32x4.extract_lane', lane).if();
      code.get(addresses).lane('i32x4.extract_lane', lane).set(address);
      values.forEach((push, i) => {
        this.#rows.storeLane(memory, address, layout.offset + i * layout.component, push, lane);
      });
      if (inside !== undefined) code.end();
    }
  }
}

/**
 * Whether a row needs no check. A lane that does not take part may be out of bounds where those that do are proven not to be, but not
 * with their own index.
 */
function isSure({ isPrivate }: Layout, proven: boolean, mask: number | undefined): boolean {
  return proven && (mask === undefined || isPrivate);
}
