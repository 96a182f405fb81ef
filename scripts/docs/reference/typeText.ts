import { z } from 'zod'

/** What zod's JSON Schema of a type looks like, as far as we use it. */
export interface SchemaNode {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly allOf?: readonly SchemaNode[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: SchemaNode | boolean
  readonly propertyNames?: SchemaNode
  readonly items?: SchemaNode
  readonly prefixItems?: readonly SchemaNode[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

const WIDTH = 110
const NO_WORDS: ReadonlyMap<string, string> = new Map()

/** With what is said of its members above them. */
export function declared(name: string, node: SchemaNode, words: ReadonlyMap<string, string> = NO_WORDS): string {
  const text = node.type === 'object' ? objectText(node, '', words) : typeText(node)
  return text.startsWith('\n') ? `type ${name} =${text}` : `type ${name} = ${text}`
}

/** A type as TypeScript writes it; what an input defaults to and how long it may be stands behind it as a remark. */
function typeText(node: SchemaNode, indent = ''): string {
  if (node.$ref !== undefined) return nameOf(node.$ref)
  if ('const' in node) return JSON.stringify(node.const)
  if (node.enum) return unionText(node.enum.map((value) => JSON.stringify(value)), indent)
  const choices = node.anyOf ?? node.oneOf
  if (choices) return unionText(choices.map((choice) => typeText(choice, `${indent}  `)), indent)
  // Several patterns of one text stand beside its type.
  if (node.allOf && node.type === undefined) return node.allOf.map((part) => typeText(part, indent)).join(' & ')
  if (Array.isArray(node.type)) return node.type.join(' | ')
  switch (node.type) {
    case 'object':
      return objectText(node, indent)
    case 'array':
      return arrayText(node, indent)
    case 'integer':
      return 'number'
    case undefined:
      return 'unknown'
    default:
      return String(node.type)
  }
}

/** Definitions without a name of ours are zod's own: any JSON. */
function nameOf(reference: string): string {
  const name = reference.replace('#/$defs/', '')
  return name.startsWith('__') ? 'Json' : name
}

function unionText(parts: readonly string[], indent: string): string {
  const line = parts.join(' | ')
  if (line.length + indent.length <= WIDTH && !line.includes('\n')) return line
  return parts.map((part) => `\n${indent}  | ${part}`).join('')
}

function arrayText({ items, prefixItems }: SchemaNode, indent: string): string {
  if (prefixItems) return `[${prefixItems.map((item) => typeText(item, indent)).join(', ')}]`
  const item = items ? typeText(items, indent) : 'unknown'
  return /^[\w]+$/.test(item) || (item.startsWith('{') && !item.includes(' | ')) ? `${item}[]` : `Array<${item}>`
}

function objectText({ properties = {}, required = [], additionalProperties, propertyNames }: SchemaNode, indent: string, words = NO_WORDS): string {
  const inner = `${indent}  `
  const names = Object.keys(properties)
  if (names.length === 0 && typeof additionalProperties === 'object') {
    const keys = propertyNames ? typeText(propertyNames, inner) : 'string'
    return `${keys === 'string' ? 'Record' : 'Partial<Record'}<${keys}, ${typeText(additionalProperties, inner)}>${keys === 'string' ? '' : '>'}`
  }
  if (names.length === 0) return '{}'
  const members = names.map((name) => {
    const node = properties[name]!
    const mark = required.includes(name) ? '' : '?'
    return { words: words.get(name), text: `${/^\w+$/.test(name) ? name : JSON.stringify(name)}${mark}: ${typeText(node, inner)}`, remark: remarkOf(node) }
  })
  const line = `{ ${members.map(({ text }) => text).join(', ')} }`
  const isShort = line.length + indent.length <= WIDTH && !line.includes('\n') && members.every(({ remark, words: above }) => remark === '' && above === undefined)
  if (isShort) return line
  return `{\n${members.map(({ text, remark, words: above }) => `${above === undefined ? '' : `${inner}/** ${above} */\n`}${inner}${text}${remark === '' ? '' : ` // ${remark}`}\n`).join('')}${indent}}`
}

function remarkOf(node: SchemaNode): string {
  // Of what may be null, the other half has the bounds.
  const [only, ...others] = (node.anyOf ?? []).filter((choice) => choice.type !== 'null')
  const bounded = only && others.length === 0 ? { ...only, default: node.default } : node
  return [...boundsOf(bounded), ...('default' in node && node.default !== undefined ? [`${JSON.stringify(node.default)} when left out`] : [])].join('; ')
}

function boundsOf(node: SchemaNode): string[] {
  if (node.type === 'string') return span(node.minLength, node.maxLength, 'characters')
  if (node.type === 'array') return span(node.minItems, node.maxItems, 'items')
  if (node.type !== 'integer' && node.type !== 'number') return []
  const whole = node.type === 'integer' ? 'whole' : ''
  const least = node.exclusiveMinimum === undefined ? node.minimum : undefined
  const from = node.exclusiveMinimum !== undefined ? `above ${node.exclusiveMinimum}` : isTold(least) ? `from ${least}` : ''
  const to = isTold(node.maximum) ? `up to ${node.maximum}` : ''
  const text = [whole, from, to].filter((word) => word !== '').join(' ')
  return text === '' ? [] : [text]
}

/** Every whole number ends at what a double can count; that is no bound of ours. */
function isTold(bound: number | undefined): bound is number {
  return bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER
}

function span(least: number | undefined, most: number | undefined, what: string): string[] {
  if (least !== undefined && most !== undefined) return [least === most ? `${least} ${what}` : `${least} to ${most} ${what}`]
  if (most !== undefined) return [`${most} ${what} at most`]
  return least === undefined || least === 0 ? [] : [`${least} ${what} at least`]
}

export type ShapeName = string
export type Shapes = ReadonlyMap<ShapeName, z.ZodType>

/** The JSON Schema of a type in which every named shape is a reference. */
export function schemaIn(shapes: Shapes, schema: z.ZodType, io: 'input' | 'output'): SchemaNode {
  const names = z.registry<{ id: string }>()
  for (const [id, shape] of shapes) if (shape !== schema) names.add(shape, { id })
  return z.toJSONSchema(schema, { io, metadata: names, unrepresentable: 'any' }) as SchemaNode
}

/** Which of the shapes a type speaks of. */
export function shapesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, child]) => {
    // Of the definitions those count that something refers to.
    if (key === '$defs') return []
    return key === '$ref' && typeof child === 'string' ? [nameOf(child)] : shapesIn(child)
  })
}
