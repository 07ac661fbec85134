// One's own second factor: scanned by an app on the phone, with codes on paper for a lost one.
import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useQuery } from 'urql'
import { Answer, Chip, DialogButton, FormView, Problem, Refusals, Section, TextField, useAct, useForm, useFormat, useSay, type Act } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query SecondFactor { secondFactor { onSince recoveryCodesLeft } }
`)
const startMutation = graphql(`
  mutation SecondFactorStart { secondFactorStart { secret uri qr errors { code field message } } }
`)
const confirmMutation = graphql(`
  mutation SecondFactorConfirm($input: SecondFactorConfirmInput!) { secondFactorConfirm(input: $input) { recoveryCodes errors { code field message } } }
`)
const renewMutation = graphql(`
  mutation RecoveryCodesRenew($input: SecondFactorProofInput!) { recoveryCodesRenew(input: $input) { recoveryCodes errors { code field message } } }
`)
const removeMutation = graphql(`
  mutation SecondFactorRemove($input: SecondFactorProofInput!) { secondFactorRemove(input: $input) { removed errors { code field message } } }
`)

interface Started {
  secret: string
  uri: string
  qr: string
}

export function SecondFactor() {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const [result, refetch] = useQuery({ query })
  // This act takes no input: the document has no variables.
  const start = useAct(startMutation as never) as unknown as ReturnType<typeof useAct<{ x: { [K in keyof Started]?: string | null } }, object>>
  const [started, setStarted] = useState<Started | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const begin = async () => {
    const done = await start.run({})
    if (done?.secret && done.uri && done.qr) setStarted({ secret: done.secret, uri: done.uri, qr: done.qr })
  }
  const given = (next: readonly string[]) => {
    setStarted(null)
    setCodes(next)
    refetch({ requestPolicy: 'network-only' })
  }
  const gone = () => {
    setCodes(null)
    say(t('access.factorOff'))
    refetch({ requestPolicy: 'network-only' })
  }
  return (
    <Section title={t('access.factor')}>
      <Answer result={result} lines={2} retry={() => refetch({ requestPolicy: 'network-only' })}>
        {({ secondFactor: { onSince, recoveryCodesLeft } }) => (
          <Stack gap="sm" align="flex-start">
            <Text size="sm" c="dimmed">{t('access.factorText')}</Text>
            <Refusals errors={start.errors} />
            {start.broken && <Problem error={start.broken} />}
            {codes && <Paper10 codes={codes} />}
            {onSince ? (
              <>
                <Group gap="xs">
                  <Chip tone="good">{t('access.factorSince', { moment: format.dateTime(onSince) })}</Chip>
                  <Chip tone={recoveryCodesLeft > 2 ? 'plain' : 'warn'}>{t('access.codesLeft', { count: recoveryCodesLeft })}</Chip>
                </Group>
                <Group gap="xs">
                  <DialogButton label={t('access.renewCodes')} buttonSize="xs">
                    {(close) => <Renew close={close} done={given} />}
                  </DialogButton>
                  <DialogButton label={t('access.factorRemove')} buttonSize="xs">
                    {(close) => <Remove close={close} done={gone} />}
                  </DialogButton>
                </Group>
              </>
            ) : started ? <Scan started={started} done={given} />
            : <Button variant="default" loading={start.busy} onClick={() => void begin()}>{t('access.factorStart')}</Button>}
          </Stack>
        )}
      </Answer>
    </Section>
  )
}

/** What the app on the phone is given: the code to scan, and the same as text. */
function Scan({ started, done }: { started: Started; done: (codes: readonly string[]) => void }) {
  const t = useT()
  const form = useForm({
    act: useAct(confirmMutation),
    start: { code: '' },
    input: (read) => ({ code: read.text('code') }),
    done: (payload) => done(payload.recoveryCodes ?? []),
  })
  const key = started.secret.replace(/(.{4})(?=.)/g, '$1 ')
  return (
    <Group align="flex-start" gap="lg">
      <img className="qr" width={216} height={216} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(started.qr)}`} alt={t('access.qrAlt')} />
      <Stack gap="sm" flex="1 1 300px" align="flex-start">
        <Text size="sm">{t('access.factorScan')}</Text>
        <Text size="sm">{t('access.factorSecret')}</Text>
        <Group gap="xs">
          <Code fz="md" data-testid="factor-secret" style={{ letterSpacing: 1 }}>{key}</Code>
          <Copy value={started.secret} label={t('access.copyKey')} />
        </Group>
        <a className="row-link" href={started.uri}>{t('access.factorOpen')}</a>
        <FormView form={form} submit={t('access.factorConfirm')}>
          <TextField name="code" label={t('access.code')} mode="numeric" complete="one-time-code" required />
        </FormView>
      </Stack>
    </Group>
  )
}

function Paper10({ codes }: { codes: readonly string[] }) {
  const t = useT()
  return (
    <Alert color="teal" title={t('access.factorOn')} w="100%">
      <Text size="sm" mb="xs">{t('access.recovery')}</Text>
      <Group gap="xs" mb="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {codes.map((code) => <li key={code}><Code fz="sm">{code}</Code></li>)}
      </Group>
      <Copy value={codes.join('\n')} label={t('access.copyCodes')} />
    </Alert>
  )
}

function Copy({ value, label }: { value: string; label: string }) {
  const t = useT()
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? t('access.copied') : label}</Button>}
    </CopyButton>
  )
}

function Renew({ close, done }: { close: () => void; done: (codes: readonly string[]) => void }) {
  const t = useT()
  return <Proof text={t('access.renewText')} submit={t('access.renewCodes')} act={useAct(renewMutation)} close={close} done={(payload) => done(payload.recoveryCodes ?? [])} />
}

function Remove({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  return <Proof danger text={t('access.removeText')} submit={t('access.factorRemove')} act={useAct(removeMutation)} close={close} done={done} />
}

/** An act on the second factor itself wants a code of it: whoever finds an open screen has none. */
function Proof<Payload>({ text, submit, danger, act, close, done }: {
  text: string
  submit: string
  danger?: boolean
  act: Act<Payload, { code: string }>
  close: () => void
  done: (payload: Payload) => void
}) {
  const t = useT()
  const form = useForm({
    act,
    start: { code: '' },
    input: (read) => ({ code: read.text('code') }),
    done: (payload) => { close(); done(payload) },
  })
  return (
    <FormView form={form} submit={submit} cancel={close} {...(danger ? { danger: true } : {})}>
      <Text size="sm">{text}</Text>
      <TextField name="code" label={t('access.code')} hint={t('access.codeHint')} complete="one-time-code" required />
    </FormView>
  )
}
