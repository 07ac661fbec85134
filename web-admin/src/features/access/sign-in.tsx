import { useState, type FormEvent } from 'react'
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { Problem, Refusals, useAct, useSession, useUi } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'
import { Door } from './door'

const open = graphql(`
  mutation SessionOpen($input: SessionOpenInput!) {
    sessionOpen(input: $input) {
      session { accessToken refreshToken }
      errors { code field message }
    }
  }
`)

export function SignIn() {
  const t = useT()
  const ui = useUi()
  const { signIn, ended } = useSession()
  const act = useAct(open)
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  // Asked for once the password is right and the person has a second factor.
  const [second, setSecond] = useState(false)
  // Words of ours: a browser has them in its own language.
  const [asked, setAsked] = useState(false)
  const missing = (text: string) => asked && !text.trim() && ui('ui.form.required')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const lacks = !login.trim() || !password || (second && !code.trim())
    setAsked(lacks)
    if (lacks) return
    const done = await act.run({ login: login.trim(), password, ...(second ? { code: code.trim() } : {}) })
    if (done?.session) signIn(done.session)
  }
  const wanted = act.errors.some((one) => one.code === 'SECOND_FACTOR_REQUIRED')
  if (wanted && !second) setSecond(true)
  return (
    <Door title={t('access.title')} lead={t('access.lead')}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <Stack>
          {ended && <Alert color="orange" role="status">{t('access.ended')}</Alert>}
          <TextInput
            label={t('access.login')} autoComplete="username" autoFocus required
            error={missing(login)} value={login} onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('access.password')} autoComplete="current-password" required visibilityToggleButtonProps={{ 'aria-label': ui('ui.form.reveal') }}
            error={missing(password)} aria-invalid={Boolean(missing(password)) || undefined} value={password} onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {second && (
            <TextInput
              label={t('access.code')} description={t('access.codeHint')} inputMode="numeric" autoComplete="one-time-code" autoFocus required
              error={missing(code)} value={code} onChange={(event) => setCode(event.currentTarget.value)}
            />
          )}
          <Refusals errors={wanted ? [] : act.errors} />
          {act.broken && <Problem error={act.broken} />}
          <Button type="submit" loading={act.busy}>{t('access.signIn')}</Button>
        </Stack>
      </form>
    </Door>
  )
}
