import { createHash } from 'node:crypto'

/** Letters and digits that nobody ever had as a key; put together when they are read, so that no file holds what looks like one. */
function made(length: number, seed: string, alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'): string {
  let text = ''
  for (let round = 0; text.length < length; round++) {
    for (const byte of createHash('sha256').update(`invented ${seed} ${round}`).digest()) text += alphabet[byte % alphabet.length]
  }
  return text.slice(0, length)
}

const HEX = '0123456789abcdef'
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const DIGITS = '0123456789'
const base64Url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = `${base64Url({ alg: 'HS256', typ: 'JWT' })}.${base64Url({ sub: 'invented', role: 'nobody' })}.${made(43, 'jwt')}`
const pem = `-----BEGIN ${'PRIVATE'} KEY-----\\n${made(64, 'pem1')}\\n${made(64, 'pem2')}\\n-----END ${'PRIVATE'} KEY-----`

/** As in the other samples: what is private stands in « ». */
export const KEY_SAMPLES: readonly string[] = [
  `OPENAI_API_KEY=«sk-${made(20, '1')}T3BlbkFJ${made(20, '2')}»`,
  `key: «sk-proj-${made(48, '3')}»`,
  `"«sk-proj-${made(74, '4')}T3BlbkFJ${made(74, '5')}»"`,
  `use «sk-svcacct-${made(60, '6')}», please`,
  `«sk-ant-api03-${made(86, '7')}-${made(6, '8')}AA»`,
  `x-api-key: «sk-ant-admin01-${made(80, '9')}»`,
  `aws_access_key_id = «AKIA${made(16, '10', UPPER)}»`,
  `«ASIA${made(16, '11', UPPER)}» is a passing one`,
  `aws_secret_access_key = «${made(40, '12')}»`,
  `AWS_SECRET_ACCESS_KEY="«${made(40, '13')}»"`,
  `git clone https://x-access-token:«ghp_${made(36, '14')}»@github.com/example/repo`,
  `GITHUB_TOKEN: «ghs_${made(36, '15')}»`,
  `«gho_${made(36, '16')}»`,
  `«github_pat_${made(22, '17')}_${made(59, '18')}»`,
  `«glpat-${made(20, '19')}»`,
  `slack «xoxb-${made(12, '20', DIGITS)}-${made(12, '21', DIGITS)}-${made(24, '22')}»`,
  `«xoxp-${made(12, '23', DIGITS)}-${made(12, '24', DIGITS)}-${made(12, '25', DIGITS)}-${made(32, '26', HEX)}»`,
  `STRIPE=«sk_live_${made(24, '27')}»`,
  `«rk_live_${made(24, '28')}»`,
  `«sk_test_${made(24, '29')}»`,
  `whsec «whsec_${made(32, '30')}»`,
  `maps?key=«AIza${made(35, '31')}»&v=3`,
  `«hf_${made(34, '32')}»`,
  `//registry/:_authToken=«npm_${made(36, '33')}»`,
  `SENDGRID_API_KEY=«SG.${made(22, '34')}.${made(43, '35')}»`,
  `Authorization: Bearer «${jwt}»`,
  `token «${jwt}»`,
  `Authorization: Bearer «${made(40, '36')}»`,
  `«${pem}»`,
  `postgres://app:«${made(20, '37')}»@db.example.com/app`,
  `mongodb+srv://user:«${made(16, '38')}»@cluster.example.com`,
  `api_key = "«${made(32, '39')}»"`,
  `{"apiKey":"«${made(32, '40')}»"}`,
  `password: «${made(18, '41')}»`,
  `client_secret=«${made(40, '42')}»`,
  `VAULT_TOKEN=«hvs.${made(24, '43')}»`,
  `DIGITALOCEAN=«dop_v1_${made(64, '44', HEX)}»`,
  `«dapi${made(32, '45', HEX)}» for the notebooks`,
  `LINEAR=«lin_api_${made(40, '46')}»`,
  `curl -H 'x-api-key: «${made(36, '47')}»'`,
  // What only looks like one.
  'pip install scikit-learn # sk-learn',
  'class="sk-button sk-primary sk-large"',
  'sk-...',
  'sk-proj-abc...xyz',
  'sk-your-key-here',
  'OPENAI_API_KEY=your-api-key',
  'OPENAI_API_KEY=${OPENAI_API_KEY}',
  'api_key = "<your key>"',
  'api_key = os.environ["API_KEY"]',
  'password: ********',
  'password: xxxxxxxx',
  'Password must have at least twelve characters.',
  'the token limit is 128000 tokens',
  'max_tokens=4096, token_count=1200',
  'secret = None',
  'const apiKey = process.env.OPENAI_API_KEY',
  'Authorization: Bearer <token>',
  'Authorization: Basic',
  '550e8400-e29b-41d4-a716-446655440000',
  'id=123e4567-e89b-12d3-a456-426614174000',
  'commit da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
  'md5 d41d8cd98f00b204e9800998ecf8427e',
  'call-7a3f9c2d01b2c3d4',
  'find-7a3f9c2d01b2c3d4',
  'lg-7a3f9c2d',
  'chatcmpl-9aBcDeFgHiJkLmNoPqRsTuVwXyZ01',
  'msg_01XFDUDYJgAACzvnptvVoYEL',
  'req_011CSHoEeqs5C35K2UUqR7Fy',
  'AKIA is a prefix of access keys',
  'ghp_ is how those tokens begin',
  'xoxb- and xoxp- are prefixes',
  'eyJhbGciOi is how a JWT begins',
  '-----BEGIN CERTIFICATE-----',
  '-----BEGIN PUBLIC KEY-----',
  'https://user@example.com/path',
  'postgres://localhost:5432/app',
  'git+ssh://git@github.com/example/repo.git',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
  '/usr/lib/node_modules/sk-tools/index.js',
  'token: string; secret: boolean',
  'hf_hub_download(repo_id="example/model")',
  'npm_config_registry',
  'npm_lifecycle_event=test',
  'SG. is short for Singapore.',
  'the key to success is a good password policy',
]
