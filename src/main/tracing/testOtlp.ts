import type { OtlpAttribute, OtlpSpan, OtlpValue } from './otlp.ts'

/** Reads OTLP as JSON, as a collector would. For specs only. */

export function plainAttributes(list: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]))
}

function plain(value: OtlpValue): unknown {
  if ('stringValue' in value) return value.stringValue
  if ('intValue' in value) return Number(value.intValue)
  if ('doubleValue' in value) return value.doubleValue
  return 'boolValue' in value ? value.boolValue : value.arrayValue.values.map(plain)
}

interface Exported {
  readonly resourceSpans: readonly { readonly resource: { readonly attributes: readonly OtlpAttribute[] }; readonly scopeSpans: readonly { readonly scope: { readonly name: string; readonly version: string }; readonly spans: readonly OtlpSpan[] }[] }[]
}

export interface ReadSpan extends Omit<OtlpSpan, 'attributes'> {
  readonly attributes: Record<string, unknown>
  readonly resource: Record<string, unknown>
}

/** Throws for what a collector would not take. */
export function readSpans(body: string): ReadSpan[] {
  const { resourceSpans } = JSON.parse(body) as Exported
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => {
        if (!/^[0-9a-f]{32}$/.test(span.traceId) || !/^[0-9a-f]{16}$/.test(span.spanId)) throw new Error(`${span.traceId}, ${span.spanId}: no ids.`)
        if (!(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano))) throw new Error('It ended before it began.')
        return { ...span, attributes: plainAttributes(span.attributes), resource: plainAttributes(resource.attributes) }
      }),
    ),
  )
}
