import { topLevelMembers, type Member } from './topLevelJson.ts'

const ASKED = '"include_usage":true'

/** The request with usage asked for, and every other byte as it was; null where its own options stand in the way. */
export function askForUsage(body: Buffer, members: readonly Member[]): Buffer | null {
  const options = members.find(({ key }) => key === 'stream_options')
  if (!options) {
    const first = members[0]
    return first ? spliced(body, first.keyStart, first.keyStart, `"stream_options":{${ASKED}},`) : null
  }
  const { valueStart, valueEnd } = options
  if (body.toString('latin1', valueStart, valueEnd) === 'null') return spliced(body, valueStart, valueEnd, `{${ASKED}}`)
  const inner = topLevelMembers(body, valueStart, valueEnd)
  if (!inner) return null
  const asked = inner.filter(({ key }) => key === 'include_usage')
  if (asked.length > 1) return null
  if (asked[0]) return spliced(body, asked[0].valueStart, asked[0].valueEnd, 'true')
  return spliced(body, valueStart + 1, valueStart + 1, inner.length === 0 ? ASKED : `${ASKED},`)
}

/** Providers that are asked for usage put `"usage":null` into every chunk; who did not ask sees none of it. */
export function withoutNullUsage(event: Buffer): Buffer {
  const at = event.indexOf('"usage"')
  if (at < 0) return event
  const start = event.indexOf(0x7b)
  const end = event.lastIndexOf(0x7d) + 1
  if (start < 0 || start > at || end <= at) return event
  let members: readonly Member[] | null
  try {
    members = topLevelMembers(event, start, end)
  } catch {
    return event
  }
  const index = members?.findIndex(({ key }) => key === 'usage') ?? -1
  const usage = members?.[index]
  if (!members || !usage || event.toString('latin1', usage.valueStart, usage.valueEnd) !== 'null') return event
  const before = members[index - 1]
  const after = members[index + 1]
  // With the comma that parted it from its neighbour.
  if (before) return spliced(event, before.valueEnd, usage.valueEnd, '')
  return spliced(event, usage.keyStart, after ? after.keyStart : usage.valueEnd, '')
}

function spliced(bytes: Buffer, from: number, to: number, text: string): Buffer {
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(text), bytes.subarray(to)])
}
