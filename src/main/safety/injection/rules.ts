interface InjectionRule {
  readonly rule: string
  readonly pattern: RegExp
}

export const INJECTION_RULES: readonly InjectionRule[] = [
  {
    rule: 'ignore-instructions',
    pattern: /\b(?:ignore|disregard|forget|override)\s{1,4}(?:all\s{1,4}|any\s{1,4}|the\s{1,4}|your\s{1,4}|of\s{1,4}){0,4}(?:previous|prior|above|earlier|preceding)\s{1,4}(?:instructions?|prompts?|directives?|rules)\b/gi,
  },
  { rule: 'delimiter-break', pattern: /<\|(?:im_start|im_end|system|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>/g },
  { rule: 'secrecy', pattern: /\b(?:do not|don't|never)\s{1,4}(?:tell|inform|mention (?:this|it) to)\s{1,4}the\s{1,4}user\b/gi },
]
