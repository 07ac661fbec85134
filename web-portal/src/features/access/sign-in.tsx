import { useState, type FormEvent } from 'react'
import { Alert, Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useClient } from 'urql'
import { LanguageSwitch, Mark, Problem, Refusals, SchemeSwitch, pause, useAct, useSession, useTitle, useUi } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const send = graphql(`
  mutation LoginCodeSend($input: LoginCodeSendInput!) {
    loginCodeSend(input: $input) { expiresIn errors { code field message } }
  }
`)
const confirm = graphql(`
  mutation LoginCodeConfirm($input: LoginCodeConfirmInput!) {
    loginCodeConfirm(input: $input) { session { accessToken refreshToken } errors { code field message } }
  }
`)
const outbox = graphql(`
  query DevOutbox($account: String!) {
    devMessages(account: $account, first: 1) { body at }
  }
`)

export function SignIn() {
  const t = useT()
  const ui = useUi()
  useTitle(t('access.title'))
  const client = useClient()
  const { signIn, ended } = useSession()
  const sending = useAct(send)
  const confirming = useAct(confirm)
  const [number, setNumber] = useState('')
  const [code, setCode] = useState('')
  const [sent, setSent] = useState(false)
  const [demo, setDemo] = useState<string | null>(null)

  // Words of ours: a browser has them in its own language.
  const [asked, setAsked] = useState(false)
  const missing = (text: string) => asked && !text.trim() && ui('ui.form.required')

  const ask = async (event: FormEvent) => {
    event.preventDefault()
    setAsked(!number.trim())
    if (!number.trim()) return
    const began = Date.now()
    const done = await sending.run({ accountNumber: number.trim() })
    if (!done) return
    setSent(true)
    // The demonstration shows its outgoing messages; elsewhere the server refuses this and nothing is shown.
    // The message is sent in the background: it may take a moment.
    for (let tries = 0; tries < 8; tries += 1) {
      const shown = await client.query(outbox, { account: number.trim() }, { requestPolicy: 'network-only' }).toPromise()
      const message = shown.data?.devMessages[0]
      if (shown.error || (message && Date.parse(message.at) > began - 5_000)) return setDemo(message?.body ?? null)
      await pause(400)
    }
  }
  const enter = async (event: FormEvent) => {
    event.preventDefault()
    setAsked(!code.trim())
    if (!code.trim()) return
    const done = await confirming.run({ accountNumber: number.trim(), code: code.trim() })
    if (done?.session) signIn(done.session)
  }
  const again = () => {
    setSent(false)
    setDemo(null)
    setCode('')
    confirming.reset()
  }

  return (
    <main className="page" style={{ maxWidth: 420 }}>
      <Group justify="space-between" mt="md" mb="xl">
        <Group gap={10}><Mark size={34} /><Text fw={700} fz="lg">{t('app.name')}</Text></Group>
        <Group gap={4} wrap="nowrap"><LanguageSwitch /><SchemeSwitch /></Group>
      </Group>
      <Title order={1} fz={24} mb={4}>{t('access.title')}</Title>
      <Text c="dimmed" mb="md">{sent ? t('access.sent') : t('access.lead')}</Text>
      {ended && !sent && <Alert color="orange" mb="md" role="status">{t('access.ended')}</Alert>}
      <Paper withBorder p="lg" radius="lg">
        {!sent ? (
          <form noValidate onSubmit={(event) => void ask(event)}>
            <Stack>
              <TextInput
                size="md" label={t('access.number')} description={t('access.numberHint')} inputMode="numeric" autoComplete="username" required
                error={missing(number)} value={number} onChange={(event) => setNumber(event.currentTarget.value)}
              />
              <Refusals errors={sending.errors} />
              {sending.broken && <Problem error={sending.broken} />}
              <Button size="md" type="submit" loading={sending.busy}>{t('access.send')}</Button>
            </Stack>
          </form>
        ) : (
          <form noValidate onSubmit={(event) => void enter(event)}>
            <Stack>
              {demo && <Alert color="water" title={t('access.demo')}>{demo}</Alert>}
              <TextInput
                size="md" label={t('access.code')} inputMode="numeric" autoComplete="one-time-code" autoFocus required
                error={missing(code)} value={code} onChange={(event) => setCode(event.currentTarget.value)}
              />
              <Refusals errors={confirming.errors} />
              {confirming.broken && <Problem error={confirming.broken} />}
              <Button size="md" type="submit" loading={confirming.busy}>{t('access.enter')}</Button>
              <Button variant="subtle" onClick={again}>{t('access.again')}</Button>
            </Stack>
          </form>
        )}
      </Paper>
      <Text size="sm" mt="md" ta="center"><Link to="/certificate">{t('certificate.checkTitle')}</Link></Text>
    </main>
  )
}
