import type { OperationName, Output } from "@larder/server/services/elasticache/operation.ts";

/** A member that the answer does not have, and why AWS or Larder leaves it out. */
export class Absent {
  readonly because: string;
  constructor(because: string) {
    this.because = because;
  }
}

/** A member that is as expected or absent, and when it is absent. */
export class Perhaps<X> {
  readonly expected: X;
  readonly absentWhen: string;
  constructor(expected: X, absentWhen: string) {
    this.expected = expected;
    this.absentWhen = absentWhen;
  }
}

/** A list that is there and holds nothing, and why. */
export class Empty {
  readonly because: string;
  constructor(because: string) {
    this.because = because;
  }
}

/** A list of at least one element, each of them as expected. */
export class Each<X> {
  readonly element: X;
  constructor(element: X) {
    this.element = element;
  }
}

/** A number that is not known beforehand. */
export class AtLeast {
  readonly least: number;
  constructor(least: number) {
    this.least = least;
  }
}

/** A boolean that is not the same for every element of a list. */
export const either: unique symbol = Symbol("a boolean");

/** A time. */
export const moment: unique symbol = Symbol("a time");

/**
 * What stands at one place of an answer: a value, the form of a value, or for a structure every
 * member that the API's model has, which the compiler and `problemsOf` hold to.
 */
export type Expected<T> = Absent | Present<NonNullable<T>> | Perhaps<Present<NonNullable<T>>>;

type Present<T> = T extends string
  ? T | RegExp
  : T extends number
    ? number | AtLeast
    : T extends boolean
      ? boolean | typeof either
      : T extends Date
        ? typeof moment
        : T extends readonly (infer E)[]
          ? Each<Expected<E>> | Empty
          : Members<T>;

/** Every member of a structure, as expected. */
export type Members<T> = { readonly [M in keyof T]-?: Expected<T[M]> };

/** The answers of an operation that are told apart, by a name of ours; "usual" if there is one. */
export type AnswersOf<N extends OperationName> = Readonly<Record<string, Members<Output<N>>>>;

/** An operation that is not there yet: everything it would answer is an issue of its own. */
export class NotThereYet {
  readonly because: string;
  constructor(because: string) {
    this.because = because;
  }
}

/** An operation that always fails, as in every account of today. */
export class AlwaysRefused {
  readonly because: string;
  constructor(because: string) {
    this.because = because;
  }
}

export const absent = (because: string): Absent => new Absent(because);
export const perhaps = <X>(expected: X, absentWhen: string): Perhaps<X> =>
  new Perhaps(expected, absentWhen);
export const empty = (because: string): Empty => new Empty(because);
export const each = <X>(element: X): Each<X> => new Each(element);
export const atLeast = (least: number): AtLeast => new AtLeast(least);
