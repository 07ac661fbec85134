// Anybody who was shown a certificate asks here whether it is ours and stands; no names are told.
import { useState, type FormEvent } from 'react'
import { Alert, Button, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useClient, type CombinedError } from 'urql'
import { Problem, useFormat, useTitle, useUi } from '@aiscra/ui'
import { graphql, type CertificateCheckQuery } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query CertificateCheck($number: String!, $code: String!) {
    certificateCheck(number: $number, code: $code) { number on accountEnds valid notDue disputed }
  }
`)

type Found = { answer: CertificateCheckQuery['certificateCheck'] }

export function CertificateCheck() {
  const t = useT()
  const ui = useUi()
  useTitle(t('certificate.checkTitle'))
  const client = useClient()
  const [number, setNumber] = useState('')
  const [code, setCode] = useState('')
  const [asked, setAsked] = useState(false)
  const missing = (text: string) => asked && !text.trim() && ui('ui.form.required')
  const [busy, setBusy] = useState(false)
  const [found, setFound] = useState<Found | null>(null)
  const [broken, setBroken] = useState<CombinedError | null>(null)
  const ask = async (event: FormEvent) => {
    event.preventDefault()
    const lacks = !number.trim() || !code.trim()
    setAsked(lacks)
    if (lacks) return
    setBusy(true)
    const answer = await client.query(query, { number, code }, { requestPolicy: 'network-only' }).toPromise()
    setBusy(false)
    setBroken(answer.error ?? null)
    setFound(answer.data ? { answer: answer.data.certificateCheck } : null)
  }
  return (
    <Paper withBorder p="md" component="section">
      <form noValidate onSubmit={(event) => void ask(event)}>
        <Stack gap="sm">
          <Title order={1} fz={22}>{t('certificate.checkTitle')}</Title>
          <Text size="sm" c="dimmed">{t('certificate.checkText')}</Text>
          <TextInput label={t('certificate.number')} placeholder="2026-000001" value={number} onChange={(event) => setNumber(event.currentTarget.value)} required error={missing(number)} />
          <TextInput label={t('certificate.code')} value={code} onChange={(event) => setCode(event.currentTarget.value)} required error={missing(code)} />
          <Button type="submit" loading={busy}>{t('certificate.check')}</Button>
          {broken && <Problem error={broken} />}
          {found && <Said answer={found.answer} />}
        </Stack>
      </form>
    </Paper>
  )
}

function Said({ answer }: Found) {
  const t = useT()
  const format = useFormat()
  if (!answer) return <Alert color="red" role="status" title={t('certificate.unknown')}>{t('certificate.unknownText')}</Alert>
  if (!answer.valid) return <Alert color="red" role="status" title={t('certificate.withdrawn')}>{t('certificate.withdrawnText')}</Alert>
  return (
    <Alert color="teal" role="status" title={t('certificate.stands')}>
      {t('certificate.standsText', { number: answer.number, date: format.date(answer.on), ends: answer.accountEnds })}
      {answer.notDue !== '0.00' && <Text size="sm">{t('certificate.notDue', { sum: format.money(answer.notDue) })}</Text>}
      {answer.disputed !== '0.00' && <Text size="sm">{t('certificate.disputed', { sum: format.money(answer.disputed) })}</Text>}
    </Alert>
  )
}
