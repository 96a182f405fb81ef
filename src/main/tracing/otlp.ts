/** OTLP as JSON: what of it we write. */

export type OtlpValue = { readonly stringValue: string } | { readonly intValue: string } | { readonly doubleValue: number } | { readonly boolValue: boolean } | { readonly arrayValue: { readonly values: readonly OtlpValue[] } }

export interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

export interface OtlpSpan {
  /** Hexadecimal, unlike other bytes of protobuf's JSON. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  readonly status: { readonly code: number }
}

export const SPAN_KIND_CLIENT = 3
export const STATUS = { unset: 0, error: 2 } as const

/** `double`: what may be whole by chance, such as an amount of dollars. A store of traces wants one type for an attribute. */
type Plain = string | number | { readonly double: number } | boolean | readonly string[] | null

/** Whole numbers go as such, `0.5` as a double; what is null is left out. */
export function attributes(plain: Readonly<Record<string, Plain>>): OtlpAttribute[] {
  return Object.entries(plain).flatMap(([key, value]) => (value === null ? [] : [{ key, value: valueOf(value) }]))
}

function valueOf(value: Exclude<Plain, null>): OtlpValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if ('double' in value) return { doubleValue: value.double }
  return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } }
}

export function exportRequest(spans: readonly OtlpSpan[], { version, instance }: { readonly version: string; readonly instance: string }): string {
  const resource = { attributes: attributes({ 'service.name': 'iron-cage-control-room', 'service.version': version, 'service.instance.id': instance }) }
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'iron-cage.gateway', version }, spans }] }] })
}
