/** Shorter values stand in ordinary text by chance: `staging`, `4711`. Whoever injects such a thing injects no secret. */
export const SHORTEST_SECRET = 8

/** Lines of a key file are looked for one by one too: they get indented and numbered. */
const KEY_LINE = /^[A-Za-z0-9+/=_-]{32,}$/

/** What a secret looks like where programs write it. Escapes (`%2F`, `\n`) are resolved by the reader, not listed here. */
export function writtenForms(value: string): ReadonlySet<string> {
  const forms = new Set<string>()
  const trimmed = value.trim()
  // A file's last line break is often lost on the way, the rest is not.
  for (const bare of trimmed.length >= SHORTEST_SECRET ? [trimmed] : [value]) {
    if (bare.length < SHORTEST_SECRET) continue
    const unix = bare.replaceAll('\r\n', '\n').replaceAll('\\n', '\n')
    for (const plain of new Set([bare, unix, unix.replaceAll('\n', '\r\n')])) {
      forms.add(plain)
      const bytes = Buffer.from(plain, 'utf8')
      const hex = bytes.toString('hex')
      forms.add(hex).add(hex.toUpperCase())
      for (const form of base64Forms(bytes)) forms.add(form)
    }
    if (unix.includes(' ')) forms.add(unix.replaceAll(' ', '+'))
    for (const line of unix.split('\n')) if (KEY_LINE.test(line.trim())) forms.add(line.trim())
  }
  return forms
}

/** Alone, and at each of three alignments in the middle of something longer: there without the edges that its neighbours change. */
function base64Forms(bytes: Buffer): readonly string[] {
  const standard = [bytes.toString('base64')]
  for (const lead of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(lead), bytes]).toString('base64')
    standard.push(whole.slice(Math.ceil((lead * 8) / 6), Math.floor(((lead + bytes.length) * 8) / 6)))
  }
  const urlSafe = standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const all = [...standard, ...urlSafe]
  return [...all, ...all.map((text) => text.replace(/=+$/, ''))].filter((text) => text.length >= SHORTEST_SECRET)
}
