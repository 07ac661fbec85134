// A password is known to its owner alone: changed in the profile, and at the door when an administrator gave it.
import { Button, Center, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Confirm, Dialog, FormView, Problem, Refusals, Section, TextField, useAct, useForm, useFormat, useSay } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'
import { Door } from './door'

const changeMutation = graphql(`
  mutation PasswordChange($input: PasswordChangeInput!) { passwordChange(input: $input) { changed errors { code field message } } }
`)
const resetMutation = graphql(`
  mutation PasswordReset($input: PasswordResetInput!) {
    passwordReset(input: $input) { user { id lockedUntil oneTimePasswordUntil version } password until errors { code field message } }
  }
`)

/** `due`: the password of now was typed a moment ago, at the door. */
function ChangeForm({ due, login, done }: { due?: boolean; login: string; done: () => void }) {
  const t = useT()
  const form = useForm({
    act: useAct(changeMutation),
    start: { current: '', new: '', again: '' },
    // As typed: blanks at the ends belong to a password.
    input: (read, values) => {
      if (!due) read.text('current')
      read.text('new')
      if (values.again !== values.new) read.refuse('again', t('access.passwordsDiffer'))
      return { new: values.new, ...(due ? {} : { current: values.current }) }
    },
    done,
  })
  return (
    <FormView form={form} submit={t('access.changePassword')}>
      {/* For the browser's keeper of passwords: whose it is. */}
      <input type="text" name="username" autoComplete="username" value={login} readOnly hidden />
      {!due && <TextField name="current" label={t('access.currentPassword')} kind="password" complete="current-password" required />}
      <TextField name="new" label={t('access.newPassword')} hint={t('access.passwordRule')} kind="password" required />
      <TextField name="again" label={t('access.againPassword')} kind="password" required />
    </FormView>
  )
}

/** In the profile. */
export function ChangePassword({ login }: { login: string }) {
  const t = useT()
  const say = useSay()
  // A new form after each change: nothing that was typed stays.
  const [times, setTimes] = useState(0)
  return (
    <Section title={t('access.password')}>
      <Text size="sm" c="dimmed" mb="sm">{t('access.changeText')}</Text>
      <Stack maw={420}>
        <ChangeForm key={times} login={login} done={() => { say(t('access.passwordChanged')); setTimes(times + 1) }} />
      </Stack>
    </Section>
  )
}

/** The only page for whoever signed in with a password that an administrator gave. */
export function PasswordDue({ login, done, leave }: { login: string; done: () => void; leave: () => void }) {
  const t = useT()
  return (
    <Door
      title={t('access.dueTitle')} lead={t('access.dueText', { login })}
      foot={<Center><Button variant="subtle" size="compact-sm" onClick={leave}>{t('access.signOut')}</Button></Center>}
    >
      <ChangeForm due login={login} done={done} />
    </Door>
  )
}

/** For whoever looks after users: a password for one sign-in, seen once. */
export function ResetPassword({ user, done }: { user: { id: string; login: string }; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const act = useAct(resetMutation)
  const [asking, setAsking] = useState(false)
  const [given, setGiven] = useState<{ password: string; until: string } | null>(null)
  const reset = async () => {
    const payload = await act.run({ id: user.id })
    if (payload?.password && payload.until) setGiven({ password: payload.password, until: payload.until })
  }
  return (
    <>
      <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => setAsking(true)}>{t('access.resetPassword')}</Button>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <Confirm opened={asking} danger title={t('access.resetPassword')} yes={t('access.resetPassword')} onYes={() => void reset()} onClose={() => setAsking(false)}>
        <Text size="sm">{t('access.resetPasswordText', { login: user.login })}</Text>
      </Confirm>
      <Dialog opened={given !== null} onClose={() => { setGiven(null); done() }} title={t('access.oneTimeTitle', { login: user.login })}>
        {given && (
          <Stack gap="sm">
            <Group gap="sm">
              <Code fz="xl" data-testid="one-time-password">{given.password}</Code>
              <CopyButton value={given.password}>
                {({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? t('access.copied') : t('access.copy')}</Button>}
              </CopyButton>
            </Group>
            <Text size="sm">{t('access.oneTimeText', { moment: format.dateTime(given.until) })}</Text>
          </Stack>
        )}
      </Dialog>
    </>
  )
}
