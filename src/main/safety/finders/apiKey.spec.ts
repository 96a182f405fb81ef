import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PLACEHOLDER_KEY } from '../../gateway/placeholderKey.ts'
import { apiKeyFinder } from './apiKey.ts'
import { chosenMatches, firstStreamingFault, streamingFault } from './testStreaming.ts'

/** Put together here, so that nobody takes them for real ones. */
function invented(length: number, alphabet = 'Inv3nt3dK3yF0rT3sts'): string {
  return alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length)
}
function key(prefix: string, length: number, alphabet?: string): string {
  return [prefix, invented(length, alphabet)].join('')
}

const HEX_LETTERS = 'c0ffee0123decade'
const JWT = [key('ey', 20, 'Jhb0invented'), key('ey', 40, 'Jzd0invented'), invented(43)].join('.')
const ENCRYPTED_JWT = [key('ey', 20, 'Jhb0invented'), invented(64), invented(16), invented(80), invented(22)].join('.')

const KEYS: Readonly<Record<string, string>> = {
  openai: key('sk-', 48),
  'openai, project': key('sk-' + 'proj-', 120),
  'openai, service account': key('sk-' + 'svcacct-', 60),
  'openai, admin': key('sk-' + 'admin-', 60),
  'one long word': key('sk-', 40, 'invented'),
  'with a word in it': 'sk-' + 'invented-' + '0123456789abcdef',
  anthropic: key('sk-' + 'ant-api03-', 90),
  'aws access key': key('AK' + 'IA', 16, 'INVENTED2345'),
  'aws, temporary': key('AS' + 'IA', 16, 'INVENTED2345'),
  'github, classic': key('gh' + 'p_', 36),
  'github, oauth': key('gh' + 'o_', 36),
  'github, user': key('gh' + 'u_', 36),
  'github, server': key('gh' + 's_', 36),
  'github, refresh': key('gh' + 'r_', 76),
  'github, fine-grained': key('github' + '_pat_', 82, 'Inv3nt3d_K3y'),
  gitlab: key('gl' + 'pat-', 20),
  'slack, bot': ['xo' + 'xb', '0000000000000', '0000000000000', invented(24)].join('-'),
  'slack, user': ['xo' + 'xp', '0000000000', '0000000000', invented(32)].join('-'),
  'slack, app': ['xa' + 'pp', '1', 'A0INVENTED0', '0000000000', invented(40)].join('-'),
  'stripe, live': key('sk_' + 'live_', 24),
  'stripe, test': key('sk_' + 'test_', 24),
  'stripe, restricted': key('rk_' + 'live_', 24),
  'stripe, web hook': key('wh' + 'sec_', 32),
  google: key('AI' + 'za', 35),
  'google, oauth': key('ya' + '29.', 80),
  'hugging face': key('h' + 'f_', 34),
  groq: key('gs' + 'k_', 52),
  npm: key('np' + 'm_', 36),
  pypi: key('py' + 'pi-', 120),
  sendgrid: ['S' + 'G', invented(22), invented(43)].join('.'),
  twilio: key('S' + 'K', 32, HEX_LETTERS),
  'twilio, account': key('A' + 'C', 32, HEX_LETTERS),
  discord: [key('M', 23), invented(6), invented(38)].join('.'),
  linear: key('lin' + '_api_', 40),
  notion: key('nt' + 'n_', 46),
  'notion, older': key('secret' + '_', 43),
  databricks: key('da' + 'pi', 32, HEX_LETTERS),
  digitalocean: key('do' + 'p_v1_', 64, HEX_LETTERS),
  vault: key('hv' + 's.', 90),
  shopify: key('sh' + 'pat_', 32, HEX_LETTERS),
  jwt: JWT,
  'jwt, encrypted': ENCRYPTED_JWT,
}

function valuesIn(text: string): readonly string[] {
  return chosenMatches(apiKeyFinder, text).map(({ value }) => value)
}

describe('keys that are known by their beginnings', () => {
  it.each(Object.entries(KEYS))('%s', (_name, value) => {
    for (const text of [
      value,
      `The key is ${value}.`,
      `The key is ${value}, keep it.`,
      `{"key":"${value}"}`,
      `<${value}>`,
      `export X=${value}\n`,
      `\`${value}\``,
      `https://api.example.com/?k=${value}&x=1`,
      `"first line\\n${value}\\n"`,
      `k%3D${value}%26`,
      `my_${value}`,
      `\u001b[32m${value}\u001b[0m`,
    ]) {
      expect(valuesIn(text), text).toEqual([value])
    }
  })

  it.each(Object.entries(KEYS))('%s, cut anywhere', (_name, value) => {
    expect(firstStreamingFault(apiKeyFinder, `see ${value}, and (${value}).`)).toBeNull()
  })

  it.each(Object.entries(KEYS))('%s is held back from its first letter on until it has ended', (_name, value) => {
    for (let size = 1; size <= value.length; size++) expect(apiKeyFinder.openFrom(`see ${value.slice(0, size)}`), value.slice(0, size)).toBeLessThanOrEqual(4)
  })

  it('needs no word before it, but a place where a word may begin', () => {
    expect(valuesIn(`x${KEYS['github, classic'] ?? ''}`)).toEqual([])
    expect(valuesIn(`Ta${KEYS.openai ?? ''}`)).toEqual([])
  })

  it('are looked for in half a megabyte of beginnings in one go', () => {
    const beginnings = `${'eyJ-'.repeat(1_024)}.eyJ${'a'.repeat(8_188)}. `
    expect(valuesIn(beginnings.repeat(40))).toHaveLength(40)
  })

  it('takes two that stand together as two', () => {
    const [first, second] = [KEYS.google ?? '', KEYS['github, classic'] ?? '']
    expect(valuesIn(`${first} ${second}`)).toEqual([first, second])
    expect(valuesIn(`${first},${second}`)).toEqual([first, second])
  })
})

const BARE = invented(32)
const WITH_VALUE: readonly (readonly [text: string, value: string])[] = [
  [`aws_secret_access_key = ${invented(40)}`, invented(40)],
  [`AWS_SECRET_ACCESS_KEY=${invented(38)}/+`, `${invented(38)}/+`],
  [`"apiKey": "${BARE}"`, BARE],
  [`{\\"api_key\\": \\"${BARE}\\"}`, BARE],
  [`{'api-key': '${BARE}'}`, BARE],
  [`AZURE_OPENAI_KEY=${invented(32, HEX_LETTERS)}`, invented(32, HEX_LETTERS)],
  [`Ocp-Apim-Subscription-Key: ${invented(32, HEX_LETTERS)}`, invented(32, HEX_LETTERS)],
  [`x-api-key: ${BARE}`, BARE],
  [`API key: ${BARE}`, BARE],
  [`apiKey := "${BARE}"`, BARE],
  [`:api_key => "${BARE}"`, BARE],
  [`client_secret=${BARE}&grant_type=x`, BARE],
  [`https://api.example.com/v1?access_token=${BARE}&page=2`, BARE],
  [`AccountName=invented;AccountKey=${invented(86)}==;EndpointSuffix=x`, `${invented(86)}==`],
  [`Authorization: Bearer ${BARE}`, BARE],
  [`curl -H "Authorization: Bearer ${BARE}" https://api.example.com`, BARE],
  [`authorization: Basic ${Buffer.from('invented:pass1word').toString('base64')}`, Buffer.from('invented:pass1word').toString('base64')],
  [`she sent the header bearer ${BARE} along`, BARE],
  [`--api-key ${BARE}`, BARE],
  [`mysql --password hunter2invented db`, 'hunter2invented'],
  ['password: hunter2', 'hunter2'],
  ['my password is hunter2x.', 'hunter2x'],
  ['<password>hunter2x</password>', 'hunter2x'],
  ['password: "Invented!Pass"', 'Invented!Pass'],
  ['DB_PASSWORD=inv3nted-pass', 'inv3nted-pass'],
  [String.raw`{"dbPassword":"inv3nted\"}`, 'inv3nted'],
  ['Server=db;Uid=sa;Pwd=Inv3nted!;Encrypt=1', 'Inv3nted!'],
  ['passwd: 19840612', '19840612'],
  ['postgres://app:inv3nted@db.example.com:5432/x', 'inv3nted'],
  ['redis://:inv3nted@localhost:6379', 'inv3nted'],
  ['https://user:in@vented@example.com/', 'in@vented'],
  ['amqp://guest:guest@localhost', 'guest'],
  [`bot 123456789:AA${invented(33)} is running`, `AA${invented(33)}`],
  [`https://api.telegram.org/bot123456789:AA${invented(33)}/getMe`, `AA${invented(33)}`],
  [`https://hooks.slack.com/services/${['T0INVENTED', 'B0INVENTED', invented(24)].join('/')}`, ['T0INVENTED', 'B0INVENTED', invented(24)].join('/')],
  [`https://discord.com/api/webhooks/${['123456789012345678', invented(68)].join('/')}`, ['123456789012345678', invented(68)].join('/')],
]

describe('keys that are known by what stands before them', () => {
  it.each(WITH_VALUE)('%s', (text, value) => {
    expect(valuesIn(text)).toEqual([value])
    expect(valuesIn(`line one\n  ${text}\nline three`)).toEqual([value])
  })

  it.each(WITH_VALUE)('cut anywhere: %s', (text) => {
    expect(firstStreamingFault(apiKeyFinder, `before ${text} after, and so on.`)).toBeNull()
    expect(firstStreamingFault(apiKeyFinder, text)).toBeNull()
  })

  it('covers the value alone', () => {
    const [match] = chosenMatches(apiKeyFinder, 'password: hunter2, and')
    expect(match).toEqual({ type: 'api-key', start: 10, end: 17, value: 'hunter2' })
  })
})

function pem(kind: string, lineEnd: string, lines = 12): string {
  const body = Array.from({ length: lines }, (_, index) => invented(64, `M11Inv3nted${String.fromCharCode(65 + index)}+/`))
  return ['-----BEGIN ' + kind + '-----', ...body, '-----END ' + kind + '-----'].join(lineEnd)
}

describe('blocks of private keys', () => {
  it.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'])('%s', (kind) => {
    for (const lineEnd of ['\n', '\r\n', '\\n', '\n    ', '\\n" +\n  "']) {
      const block = pem(kind, lineEnd)
      expect(valuesIn(`the file:\n${block}\nand more`)).toEqual([block])
      expect(valuesIn(`{"private_key": "${block}", "id": 1}`)).toEqual([block])
    }
  })

  it('holds the whole block until its end has come', () => {
    const block = pem('RSA PRIVATE KEY', '\n')
    const text = `the file:\n${block}\nand more`
    expect(firstStreamingFault(apiKeyFinder, text)).toBeNull()
    for (let size = 1; size < block.length; size++) expect(apiKeyFinder.openFrom(`see: ${block.slice(0, size)}`)).toBe(5)
    expect(apiKeyFinder.openFrom(`see: ${block}`)).toBe(5 + block.length)
  })

  it('takes what there is of one whose end is missing', () => {
    const block = pem('PRIVATE KEY', '\n')
    const torn = block.slice(0, 400)
    expect(valuesIn(`${torn}\n(cut off here)`)).toEqual([torn])
  })

  it('does not wait for ever for an end', () => {
    const endless = pem('PRIVATE KEY', '\n', 1_000).slice(0, 40_000)
    const text = `see: ${endless}`
    expect(apiKeyFinder.openFrom(text)).toBeGreaterThan(16_000)
    expect(streamingFault(apiKeyFinder, text, 30_000)).toBeNull()
  })

  it('leaves public keys, certificates and talk of keys alone', () => {
    expect(valuesIn(pem('PUBLIC KEY', '\n'))).toEqual([])
    expect(valuesIn(pem('CERTIFICATE', '\n'))).toEqual([])
    expect(valuesIn('It begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.')).toEqual([])
  })
})

const NO_KEYS: readonly string[] = [
  '550e8400-e29b-41d4-a716-446655440000',
  'token: 550e8400-e29b-41d4-a716-446655440000',
  'commit 9fceb02d0ae598e95dc970b74767f19372d61af8',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
  '<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==">',
  'pip install sk-learn',
  'from sk-learn-contrib import something-else-entirely',
  '<div class="sk-folding-cube sk-circle-fade-dot"><div class="sk-cube1 sk-cube"></div></div>',
  '.sk-chase-dot-before-animation-delayed { animation: sk-chase-dot 2.0s infinite ease-in-out both }',
  'release sk-2026-11-03-report-final-version',
  'sk-...',
  'sk-proj-...',
  'sk-proj-abc...xyz',
  'api_key: sk-****************abcd',
  'api_key = "sk-xxxxxxxxxxxxxxxx"',
  'api_key = "your-api-key"',
  'api_key = "your_api_key_here_1234"',
  'api_key=<token>',
  'api_key=${OPENAI_API_KEY}',
  'api_key: $OPENAI_API_KEY',
  'api_key: {{ secrets.key1 }}',
  'api_key = os.environ["OPENAI_API_KEY_2"]',
  'api_key = process.env.OPENAI_API_KEY_2',
  'apiKey: config.keys.openai2Production',
  'const token = await getToken(user, 60)',
  'token: [SECRET_REDACTED]',
  'password: [SECRET_REDACTED]',
  'Authorization: Bearer [SECRET_REDACTED]',
  `OPENAI_API_KEY=${PLACEHOLDER_KEY}`,
  PLACEHOLDER_KEY,
  'call-7a3f9c2d01b2c3d4',
  'tool_call_id: call_0123456789abcdefABCDEF',
  'find-7a3f9c2d01b2c3d4',
  'lg-7a3f9c2d',
  '/home/user/projects/iron/src/main/token.ts',
  'token: /var/run/secrets/kubernetes.io/serviceaccount/token',
  'next_page_token=CAUQAA1b2C3d4E5f6G7h8',
  '"nextPageToken": "CAUQAA1b2C3d4E5f6G7h8"',
  'max_token: 4096',
  '"total_tokens": 123456789012',
  'cancellationToken: NoSubstitutionTemplateLiteral',
  'apiKey: azureADTokenProvider,',
  'token = cancellation_1.NoneCancellationToken',
  '![badge](https://example.com/badge.svg?token=yZL6LtXkOA)](https://example.com/x1)',
  'const PASSWORD = /^(?:pass(?:word|wd)?1)$/',
  'password: string',
  'password: required',
  'password: wrong!',
  'Your password is wrong!',
  'The password is at least 8 characters long',
  '<password></password>12345678a',
  'password: z.string().min(8)',
  'password: user.password',
  'Password: at least 8 characters',
  'password = None',
  'the token: a short word',
  'secret: the-name-of-the-secret-in-the-vault',
  'keyboard: us-intl-2024-layout',
  'primary_key: order_items_2024_pkey',
  'cache key = users:1234567890',
  'https://example.com:8080/path@2x.png',
  'https://user@example.com',
  'postgres://user:password@localhost/db',
  'postgres://user:${PASSWORD}@localhost/db',
  'mailto:someone@example.com',
  'at 10:20:30 user@example.com wrote',
  'http://[::1]:8080/',
  'the bearer of this-letter-from-2024',
  'Skeleton, SKU, ACID, Monday, November, October',
  'AKIArticle and AKIA',
  'hf_hub_download(repo_id, filename)',
  'npm_config_registry and npm_lifecycle_event',
  'eyJust.a.word and eyJ',
  '2026-11-03T10:20:30.123Z',
  'github_pat_ is how they begin',
  'x.y.z-alpha.12+build.34567890',
  'arn:aws:s3:::example-bucket/key=2024/part-00000-of-00012.parquet',
]

describe('what only looks like a key', () => {
  it.each(NO_KEYS)('%s', (text) => {
    expect(valuesIn(text)).toEqual([])
    expect(firstStreamingFault(apiKeyFinder, text)).toBeNull()
  })

  it('is let go as soon as it can be told', () => {
    for (const text of ['Hello world.', 'A plain sentence', 'the end, ', 'sk-folding cube', '12345', 'password: string\n', 'x = 1;', 'https://example.com/b']) {
      expect(apiKeyFinder.openFrom(text), text).toBe(text.length)
    }
    expect(apiKeyFinder.openFrom('tasks')).toBe(5)
    expect(apiKeyFinder.openFrom('the s')).toBe(4)
    expect(apiKeyFinder.openFrom('the gh')).toBe(4)
    expect(apiKeyFinder.openFrom('the gx')).toBe(6)
  })
})

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...Object.values(KEYS),
    ...WITH_VALUE.map(([text]) => text),
    ...NO_KEYS.filter((text) => text.length < 60),
    ...['sk-', 'sk-proj-', 'AKIA', 'gh' + 'p_', 'eyJ', 'eyJ.eyJ', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----', '--password ', '--'],
    ...[' ', '\n', '"', "'", '\\', '\\n', ':', '=', '.', '-', '_', ',', '%3D', '://', '@', 'a', 'Z', '0', 'token', 'password', 'Bearer ', 'http'],
    invented(20),
    invented(70, HEX_LETTERS),
    invented(300),
  )
  const texts = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))

  it('is answered the same in two pieces as in one', () => {
    fc.assert(
      fc.property(texts, fc.double({ min: 0, max: 1, noNaN: true }), (text, at) => {
        expect(streamingFault(apiKeyFinder, text, Math.floor(at * text.length))).toBeNull()
      }),
      { numRuns: 3_000 },
    )
  })

  it('gives matches in order that do not overlap', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let last = 0
        for (const { start, end, value } of chosenMatches(apiKeyFinder, text)) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          expect(text.slice(start, end)).toBe(value)
          last = end
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
