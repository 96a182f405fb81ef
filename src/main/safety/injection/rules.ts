import { OTHER_LANGUAGES } from './otherLanguages.ts'

/** What fires is said by its name. */
export const INJECTION_RULES = [
  'ignore-instructions',
  'new-role',
  'reveal-prompt',
  'hidden-text',
  'tool-order',
  'delimiter-break',
  'encoded-order',
  'secrecy',
] as const
export type InjectionRule = (typeof INJECTION_RULES)[number]

export interface WordRule {
  readonly rule: InjectionRule
  /** Tried where one of its first words stands. Every repetition in it is bounded, so that no text takes long. */
  readonly pattern: RegExp
}

interface AnchoredRule extends WordRule {
  readonly beginsWith: readonly string[]
}

/** Words with what may stand between them, at most so many. */
function upTo(most: number): string {
  return `(?:[\\s"(]{1,3}[\\w'’/.-]{1,24}){0,${String(most)}}[\\s"(:,]{1,3}`
}

function rule(name: InjectionRule, beginsWith: string, ...parts: readonly string[]): AnchoredRule {
  return { rule: name, beginsWith: beginsWith.split(' '), pattern: new RegExp(parts.join(''), 'imy') }
}

const DROP_FIRST = 'ignore disregard forget override bypass discard do don stop pay'
const DROP = '(?:ignore|disregard|forget|override|bypass|discard|do not (?:follow|obey)|don[\'’]t (?:follow|obey)|stop (?:following|obeying)|pay no attention to)'
const ORDERS = '(?:instructions?|prompts?|directives?|directions|guidelines?|guidance|rules|programming|commands|orders|restrictions|constraints)\\b'
const EARLIER = '(?:previous|prior|above|earlier|preceding|foregoing|initial|original|existing|system|your|safety)'

const ROLES = '(?:AI|A\\.I\\.|LLM|language model|assistant|chatbot|bot|terminal|hacker|pirate|DAN|admin|administrator|agent|model|persona|character)\\b'
const FREE =
  '(?:unrestricted|uncensored|unfiltered|evil|jailbroken|amoral|(?:without|no|free of|free from) (?:any )?(?:ethical |safety |content )?(?:rules|limits|restrictions|filters|guidelines|guardrails|morals|polic(?:y|ies)))'
const MODES = '(?:jailbreak|god|DAN|unrestricted|uncensored)[ -]mode'
const TECHNICAL_MODES = '(?:developer|dev|debug|admin|sudo|root|maintenance) mode'

const TELL_FIRST = 'reveal print show output repeat display tell give leak disclose share recite dump paste write expose translate return'
const TELL = '(?:reveal|print|show|output|repeat|display|tell me|give me|leak|disclose|share|recite|dump|paste|write out|expose|translate|return)'
const OWN_PROMPT =
  '(?:system (?:prompt|message|instructions?)|(?:initial|hidden|original|secret|internal|configuration) (?:prompt|instructions?|message|rules)|(?:instructions?|prompt|rules|guidelines) (?:that )?(?:you|were you) (?:were|have been|are|got|received|given)|your (?:prompt|instructions|guidelines|rules)|context window)\\b'

const CARRY_FIRST = 'send post upload forward exfiltrate transmit leak email e submit append copy deliver'
const CARRY = '(?:send|post|upload|forward|exfiltrate|transmit|leak|e-?mail|submit|append|copy|deliver)'
const PRIVATE_THINGS =
  '(?:conversation|chat history|history|api[ _]keys?|credentials?|passwords?|secrets?|tokens?|environment variables|private keys?|id_rsa|\\.env|\\.ssh|system prompt|customer (?:list|data|records)|contents|(?:all|every|whole|entire|last \\w+) (?:of )?(?:the )?(?:files?|mails?|e-?mails?|messages?|data|records?|documents?))'
const PLACE = '(?:https?://|[\\w.+-]{1,64}@[\\w-]|\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.)'
const YOU_FIRST = 'you ai assistant agent llm model'
const YOU_MUST = '(?:you (?:must|should|need to|have to|will)(?: now)?|(?:AI|assistant|agent|AI agent|AI assistant|LLM|model)[,:]? (?:please |you (?:must|should|need to) )?)'
const HARM = '(?:delete|drop|wipe|erase|destroy|transfer|exfiltrate|overwrite|disable|leak)'

const THE_USER = '(?:(?:the|your) (?:user|human|operator|person|reader)|them)\\b(?! to\\b)'

const ANCHORED_RULES: readonly AnchoredRule[] = [
  rule('ignore-instructions', DROP_FIRST, DROP, upTo(4), EARLIER, upTo(2), ORDERS),
  rule('ignore-instructions', DROP_FIRST, DROP, upTo(3), ORDERS, upTo(4), '(?:above|before|earlier|previously|given|received|until now|so far)\\b'),
  rule('ignore-instructions', DROP_FIRST, DROP, '\\s{1,4}(?:everything|anything|all (?:of|that|the))', upTo(3), '(?:above|before|earlier|told|said|learned|know)\\b'),
  rule('ignore-instructions', DROP_FIRST, DROP, '\\s{1,4}your\\s{1,4}', ORDERS),
  rule('ignore-instructions', 'previous prior above earlier preceding foregoing initial original existing system your safety', EARLIER, '\\s{1,4}', ORDERS, upTo(2), '(?:cancelled|canceled|void|invalid|revoked|superseded|overridden|obsolete|suspended|no longer (?:apply|valid|count))\\b'),
  rule('ignore-instructions', 'everything', 'everything before this', upTo(3), '(?:was|is) (?:a )?(?:test|void|wrong|fake|invalid)\\b'),
  rule('ignore-instructions', 'your here', '(?:your|here are (?:your|the)) (?:new|real|actual|true|updated) (?:instructions?|orders|directives?)\\b'),
  rule('ignore-instructions', 'new', '(?<=^[\\s>*#-]{0,8})new (?:instructions?|rules|directives?|policy)\\s?:'),

  rule('new-role', 'you', 'you are (?:now|henceforth)', upTo(4), '(?:', ROLES, '|', FREE, '|', MODES, '|', TECHNICAL_MODES, ')'),
  rule('new-role', 'you', 'you are (?:DAN\\b|an? ', FREE, ')'),
  rule('new-role', 'you', 'you are (?:no longer|not) an?', upTo(3), '(?:assistant|summari[sz]er|bot|chatbot|AI|model|agent|translator)\\b'),
  rule('new-role', 'from henceforth for', '(?:from now on|henceforth|for the rest of (?:this|the) (?:session|conversation|chat)),? (?:you (?:are|will|must|act)|act as|pretend|take on|respond as|answer as)\\b'),
  rule('new-role', 'act behave respond answer pretend roleplay role imagine', '(?:act|behave|respond|answer|pretend|role-?play|imagine)(?: to be| as (?:if|though) you (?:are|were)| as| like| you are| that you are)', upTo(4), '(?:', ROLES, '|', FREE, ')'),
  rule('new-role', 'enable enter activate switch turn start', '(?:enable|enter|activate|switch to|turn on|start) (?:the )?', MODES),
  rule('new-role', 'enable enter activate switch turn you in', '(?:enable|enter|activate|switch to|turn on|you are in|in) (?:the )?', TECHNICAL_MODES, '[^\\n]{0,40}\\b(?:answer|respond|reply|restrictions?|filters?|polic(?:y|ies)|unlocked|refuse)'),
  rule('new-role', 'your', 'your new (?:task|role|job|purpose|goal|objective|mission|identity|persona)(?: is (?:to|now)\\b|\\s?:)'),
  rule('new-role', 'do', 'do anything now\\b'),

  rule('reveal-prompt', TELL_FIRST, TELL, upTo(4), OWN_PROMPT),
  rule('reveal-prompt', 'what', 'what (?:is|are|was|were|does) your (?:exact |full )?(?:system |initial |original |hidden )?(?:prompt|system message|instructions)\\b'),
  rule('reveal-prompt', 'repeat output print copy recite echo paste', '(?:repeat|output|print|copy|recite|echo|paste)(?: back)? (?:everything|all|the (?:words|text|lines?|content)|all the (?:words|text))(?: written| that (?:is|was))? (?:above|before|preceding)\\b'),

  rule('tool-order', CARRY_FIRST, CARRY, upTo(5), PRIVATE_THINGS, upTo(8), PLACE),
  rule('tool-order', 'call use invoke execute run trigger', '(?:call|use|invoke|execute|run|trigger)', upTo(3), '[a-z]{2,20}_[a-z_]{2,30}', upTo(6), PRIVATE_THINGS),
  rule('tool-order', YOU_FIRST, YOU_MUST, upTo(2), '(?:run|execute)\\b[^\\n]{0,60}\\b(?:curl|wget|rm -rf|bash|powershell)\\b'),
  rule('tool-order', 'include render display insert add show put', '(?:include|render|display|insert|add|show|put)\\b[^\\n]{0,60}!\\[[^\\]\\n]{0,60}\\]\\(https?://[^)\\s]{0,200}[?&=/{]'),
  rule('tool-order', 'fetch open visit request load get', '(?:fetch|open|visit|request|load|get) (?:the )?(?:url |page )?https?://\\S{1,200}\\s[^\\n]{0,60}\\b', PRIVATE_THINGS),
  rule('tool-order', 'append', 'append', upTo(6), '(?:to|at) (?:the )?(?:end of )?(?:url|link|address|request)\\b'),
  rule('tool-order', YOU_FIRST, YOU_MUST, upTo(3), HARM, upTo(4), '(?:all|database|records?|files?|data|funds|money|account|table|backup)\\b'),

  rule('delimiter-break', 'system', '(?<=^[ \\t*>-]{0,4})system(?: message| override| prompt| note)?\\s?:[^\\n]{0,80}\\b(?:you (?:may|must|are|can|should|will)|override|new (?:policy|instructions|rules)|grant|obey|ignore|disclose|approved?|no (?:limits|restrictions))\\b'),
  rule('delimiter-break', 'end', 'end of (?:the )?(?:user )?(?:data|document|input|context|prompt|message)\\b[^\\w\\n]{0,8}\\s{1,4}(?:system|assistant|new instructions)\\b'),

  rule('secrecy', 'do don never must should shall', '(?:do not|don[\'’]t|never|must not|should not|shall not)(?: ever)? (?:tell|inform|notify|alert|warn)', upTo(0), THE_USER),
  rule('secrecy', 'do don never', '(?:do not|don[\'’]t|never) (?:mention|reveal|disclose|show|report)', upTo(4), 'to ', '(?:the|your) (?:user|human)\\b'),
  rule('secrecy', 'without', 'without (?:telling|informing|notifying|alerting|asking) (?:the|your) (?:user|human)\\b'),
  rule('secrecy', 'keep hide conceal', '(?:keep|hide|conceal)', upTo(4), 'from (?:the|your) (?:user|human)\\b'),
  rule('secrecy', 'user human', '(?<=\\bthe )(?:user|human) (?:must|should|may|can|shall)(?: not|not) (?:know|find out|see|notice|learn)\\b'),
  rule('secrecy', 'do don never', '(?:do not|don[\'’]t|never) let (?:the|your) (?:user|human)', upTo(0), '(?:know|see|notice|find out)\\b'),
]

/** By their first word, in small letters. */
export const RULES_BY_FIRST_WORD: ReadonlyMap<string, readonly WordRule[]> = Map.groupBy(
  ANCHORED_RULES.flatMap((one) => one.beginsWith.map((word) => ({ ...one, word }))),
  ({ word }) => word,
)

function sign(rule: InjectionRule, ...parts: readonly string[]): WordRule {
  return { rule, pattern: new RegExp(parts.join(''), 'gim') }
}

/** Those that begin with signs or in another language. */
export const SIGN_RULES: readonly WordRule[] = [
  sign('tool-order', '!\\[[^\\]\\n]{0,60}\\]\\(https?://[^)\\s]{0,200}\\{[^}\\n]{1,40}\\}'),
  sign('delimiter-break', '<\\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|end_header_id|eot_id|begin_of_text)\\|>|\\[/?INST\\]|<</?SYS>>'),
  sign('delimiter-break', '^[ \\t]{0,4}#{1,4} ?(?:system|instructions?|assistant|human)(?: prompt| message)?:'),
  sign('delimiter-break', '<(?:system|system_prompt|assistant|instructions)>\\s{0,4}[A-Z][^<\\n]{8,}'),
  sign('delimiter-break', '</(?:user_input|user_data|tool_result|tool_output|document|context|untrusted)>\\s{0,8}<(?:system|system_prompt|assistant|instructions?)>'),
  sign('delimiter-break', '\\n\\n(?:human|user):[^\\n]{1,400}\\n\\n(?:assistant|AI):'),
  ...OTHER_LANGUAGES.map((pattern): WordRule => ({ rule: 'ignore-instructions', pattern })),
]
