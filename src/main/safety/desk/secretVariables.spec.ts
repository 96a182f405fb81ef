import { expect, it } from 'vitest'
import { secretValuesIn } from './secretVariables.ts'

it.each(['OPENAI_API_KEY', 'GITHUB_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'DB_PASSWORD', 'dbPassword', 'SMTP_PASSWD', 'SSH_PASSPHRASE', 'SERVICE_CREDENTIALS', 'STRIPE_KEY_OLD', 'API_KEYS', 'KEY2'])(
  'the value of %s is a secret',
  (name) => {
    expect(secretValuesIn({ [name]: 'invented-value-1' })).toEqual(['invented-value-1'])
  },
)

it.each(['PATH', 'HOME', 'LANG', 'PWD', 'OLDPWD', 'KEYBOARD_LAYOUT', 'TOKENIZERS_PARALLELISM', 'API_KEY_FILE', 'SECRET_PATH', 'PYTHONDONTWRITEBYTECODE'])('the value of %s is none', (name) => {
  expect(secretValuesIn({ [name]: 'invented-value-1' })).toEqual([])
})

it('what is too short to be looked for everywhere, what is not set and what names a file is none', () => {
  expect(secretValuesIn({ API_KEY: '1234567', OTHER_KEY: '        ', THIRD_KEY: undefined, GOOGLE_APPLICATION_CREDENTIALS: '/home/alex/key.json' })).toEqual([])
  expect(secretValuesIn({ A_KEY: '/looks/like+base64==', B_KEY: '/looks/like+base64==' })).toEqual(['/looks/like+base64=='])
})
