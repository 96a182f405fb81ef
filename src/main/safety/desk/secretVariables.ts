type Variables = Readonly<Record<string, string | undefined>>

/** `OPENAI_API_KEY`, `dbPassword`, `SMTP_PASSWD`; not `KEYBOARD`. */
const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIAL)S?(?:_?(?:\d+|OLD|NEW|PRIMARY|SECONDARY))?$/i
/** Names that say where a secret lies, and the shell's own folder. */
const PLACE_NAME = /(?:_FILE|_PATH|_DIR|^(?:OLD)?PWD)$/i
const ABSOLUTE_PATH = /^(?:\/|~\/|[A-Za-z]:\\)/
/** The shortest that is looked for: `true` and `1234` would tear holes into every sentence. */
const SHORTEST = 8

/** Values of variables whose names say that they are secret. */
export function secretValuesIn(variables: Variables): string[] {
  const values = Object.entries(variables).flatMap(([name, value]) => (value !== undefined && isSecret(name, value) ? [value] : []))
  return [...new Set(values)]
}

function isSecret(name: string, value: string): boolean {
  if (value.trim().length < SHORTEST || !SECRET_NAME.test(name) || PLACE_NAME.test(name)) return false
  // GOOGLE_APPLICATION_CREDENTIALS, say, names a file.
  return !(/CREDENTIALS?$/i.test(name) && ABSOLUTE_PATH.test(value))
}
