import { findForbidden, toolIsAllowed } from '../../safety/permissions/permissions.ts'
import { asArray, asObject, asText, type JsonObject } from '../dialects/json.ts'
import type { AnswerLook } from './answerLook.ts'

/** A tool that the model wants called. */
export interface NamedCall {
  readonly name: string
  /** As text, or as what it was parsed into; undefined where it has not come yet. */
  readonly args: unknown
  readonly place: string
}

/** The calls that stand whole in an answer or an event, in any dialect. */
export function callsIn(answer: unknown): NamedCall[] {
  const calls: NamedCall[] = []
  const object = asObject(answer)
  if (!object) return calls
  const add = (made: JsonObject | null, args: unknown, place: string): void => {
    const name = asText(made?.name)
    if (name !== null) calls.push({ name, args, place })
  }
  for (const [index, value] of asArray(object.choices).entries()) {
    const message = asObject(asObject(value)?.message)
    const place = `choices[${index}].message`
    for (const [number, call] of asArray(message?.tool_calls).entries()) {
      const made = asObject(asObject(call)?.function) ?? asObject(asObject(call)?.custom)
      add(made, made?.arguments ?? made?.input, `${place}.tool_calls[${number}]`)
    }
    const old = asObject(message?.function_call)
    add(old, old?.arguments, `${place}.function_call`)
  }
  const items = [...asArray(object.output), ...asArray(asObject(object.response)?.output), object.item].map(asObject)
  for (const [index, item] of items.entries()) {
    if (asText(item?.type)?.endsWith('_call')) add(item, item?.arguments ?? item?.input, `output[${index}]`)
  }
  const blocks = [...asArray(object.content), ...asArray(asObject(object.message)?.content), object.content_block].map(asObject)
  for (const [index, block] of blocks.entries()) {
    if (asText(block?.type)?.endsWith('tool_use')) add(block, block?.input, `content[${index}]`)
  }
  return calls
}

/** Whether anything is to be asked about tools at all. */
export function hasToolRules(look: AnswerLook): boolean {
  const { tools } = look.desk.permissionsOf(look.agentId)
  return tools !== null || hasArgumentRules(look)
}

/** Whether what a tool is called with must be known before it may go on. */
export function hasArgumentRules({ desk, agentId }: AnswerLook): boolean {
  const { hosts, paths } = desk.permissionsOf(agentId)
  return hosts !== null || paths !== null
}

export interface ToolGate {
  name(name: string, place: string): void
  args(args: unknown, place: string): void
}

/** Asks whether the agent's file allows what the model wants called; each thing is told once for an answer. */
export function createToolGate(look: AnswerLook, workingDirectory: string): ToolGate {
  const told = new Set<string>()

  function report(type: 'tool' | 'host' | 'path', value: string, place: string): void {
    const { desk, agentId, callId } = look
    const key = `${type} ${value}`
    if (told.has(key)) return
    told.add(key)
    const incident = { agentId, callId, kind: 'unauthorised', type, direction: 'tools', place, excerpt: value } as const
    const message = desk.report(incident)
    if (message !== null) look.halt({ kind: 'unauthorised', message })
  }

  return {
    name(name, place) {
      if (name !== '' && !toolIsAllowed(look.desk.permissionsOf(look.agentId), name)) report('tool', name, place)
    },
    args(args, place) {
      if (args === undefined || !hasArgumentRules(look)) return
      const { desk, agentId } = look
      for (const { type, value, place: inner } of findForbidden(desk.permissionsOf(agentId), workingDirectory, args)) {
        report(type, value, inner === '' ? place : `${place}.${inner}`)
      }
    },
  }
}
