/** Stands in place of a value that nobody may see. */
export const MASK = '[MASKED]'

/** `--api-key`, `--password`, `-token`: what follows is secret, whatever it looks like. Not `--max-tokens`. */
const SECRET_OPTION = /^--?(?:[\w-]*[-_])?(?:api-?key|key|token|secret|password|passwd|pwd|passphrase|credentials?)$/i

/** A command line's arguments as they may be shown. */
export function maskedArguments(args: readonly string[], redact: (text: string) => string): string[] {
  let isSecret = false
  return args.map((arg) => {
    const mustHide = isSecret && !arg.startsWith('-')
    isSecret = SECRET_OPTION.test(arg)
    if (mustHide) return MASK
    const equals = arg.indexOf('=')
    if (equals > 0 && SECRET_OPTION.test(arg.slice(0, equals))) return `${arg.slice(0, equals)}=${MASK}`
    return redact(arg)
  })
}
