// A closed month opened again by two people, and the word that its declaration was handed in: from then on it stays closed.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { DialogButton, FormView, Problem, Refusals, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import type { LedgerPeriod } from './cockpit'

const requestMutation = graphql(`
  mutation PeriodReopeningRequest($input: ReopeningRequestInput!) {
    periodReopeningRequest(input: $input) { period { id status reopenings { state requestedBy } } errors { code field message } }
  }
`)
const decideMutation = graphql(`
  mutation PeriodReopeningDecide($input: ReopeningDecideInput!) {
    periodReopeningDecide(input: $input) { period { id status reopened } errors { code field message } }
  }
`)
const fileMutation = graphql(`
  mutation PeriodFile($input: PeriodFileInput!) {
    periodFile(input: $input) { period { id filedAt declaredVat { declared ledger difference } } errors { code field message } }
  }
`)

type Where = { period: string; sector: LedgerPeriod['sector'] }

function Request({ where, close, done }: { where: Where; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(requestMutation),
    start: { reason: '', document: null as Picked | null },
    input: (read) => ({ ...where, reason: read.text('reason'), documentId: read.picked('document') }),
    done: () => finish(t('reopening.asked')),
  })
  return (
    <FormView form={form} submit={t('reopening.ask')} cancel={close} danger>
      <Text size="sm">{t('reopening.askText')}</Text>
      <TextField name="reason" label={t('reopening.reason')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function File({ where, close, done }: { where: Where; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(fileMutation),
    start: { vat: '', document: null as Picked | null },
    input: (read) => ({ ...where, documentId: read.picked('document'), declaredVat: read.decimalOrNull('vat', 2) }),
    done: () => finish(t('reopening.fileDone')),
  })
  return (
    <FormView form={form} submit={t('reopening.file')} cancel={close} check={() => t('reopening.fileText')}>
      <TextField name="vat" label={t('reopening.vat')} hint={t('reopening.vatHint')} mode="decimal" />
      <DocumentField name="document" required />
    </FormView>
  )
}

/** What can still happen to a closed month. */
export function Reopening({ month, onChange }: { month: LedgerPeriod; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const decide = useAct(decideMutation)
  const where = { period: month.period, sector: month.sector }
  const viewer = useViewer()
  const waits = month.reopenings.find((one) => one.state === 'REQUESTED')
  const settle = (confirm: boolean) => void decide.run({ ...where, confirm }).then(onChange)
  if (month.filedAt) {
    const vat = month.declaredVat
    return (
      <Stack gap={2} mt="sm">
        <Text size="sm" c="dimmed">{t('reopening.filed', { moment: format.dateTime(month.filedAt) })}</Text>
        {vat && <Text size="sm">{t('reopening.vatBeside', { declared: format.money(vat.declared), ledger: format.money(vat.ledger), difference: format.money(vat.difference) })}</Text>}
      </Stack>
    )
  }
  return (
    <Stack gap="xs" mt="sm">
      {waits && (
        <Alert color="orange" title={t('reopening.waits', { who: codes.actor(waits.requestedBy), moment: format.dateTime(waits.requestedAt) })}>
          <Text size="sm">{waits.reason}</Text>
          <Text size="sm" mb="xs" c="dimmed">{waits.requestedBy === viewer.login && t('reopening.second')}</Text>
          <Group gap="xs">
            {/* Another person confirms. */}
            {waits.requestedBy !== viewer.login && <Button size="xs" color="red.9" loading={decide.busy} onClick={() => settle(true)}>{t('reopening.confirm')}</Button>}
            <Button size="xs" variant="default" disabled={decide.busy} onClick={() => settle(false)}>{t(waits.requestedBy === viewer.login ? 'reopening.withdraw' : 'reopening.decline')}</Button>
          </Group>
        </Alert>
      )}
      <Refusals errors={decide.errors} />
      {decide.broken && <Problem error={decide.broken} />}
      <Group gap="xs">
        {!waits && <DialogButton label={t('reopening.ask')} buttonSize="sm">{(close) => <Request where={where} close={close} done={onChange} />}</DialogButton>}
        <DialogButton label={t('reopening.file')} buttonSize="sm">{(close) => <File where={where} close={close} done={onChange} />}</DialogButton>
      </Group>
    </Stack>
  )
}
