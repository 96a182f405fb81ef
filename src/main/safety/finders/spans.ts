export interface Span {
  readonly start: number
  readonly end: number
}

/** In order; what overlaps becomes one, so that nothing of either stays behind. */
export function joined<S extends Span>(spans: readonly S[]): readonly S[] {
  if (spans.length < 2) return spans
  const apart: S[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = apart.at(-1)
    if (last === undefined || span.start >= last.end) apart.push(span)
    else if (span.end > last.end) apart[apart.length - 1] = { ...last, end: span.end }
  }
  return apart
}
