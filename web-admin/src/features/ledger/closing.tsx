import { useState } from 'react'
import { Button, Group, List, Paper, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Confirm, Dialog, Empty, Figures, IconLock, Problem, Refusals, useAct, useFormat } from '@aiscra/ui'
import { graphql, type Sector } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import type { LedgerPeriod } from './cockpit'
import { useFigure } from './conditions'
import { Reopening } from './reopening'

const softMutation = graphql(`
  mutation PeriodSoftClose($input: PeriodInput!) {
    periodSoftClose(input: $input) { period { id status } errors { code field message } }
  }
`)
const reopenMutation = graphql(`
  mutation PeriodReopen($input: PeriodInput!) {
    periodReopen(input: $input) { period { id status } errors { code field message } }
  }
`)
const closeMutation = graphql(`
  mutation PeriodClose($input: PeriodInput!) {
    periodClose(input: $input) { period { id status closedAt closedBy } errors { code field message } }
  }
`)
const openMutation = graphql(`
  mutation PeriodOpen($input: PeriodInput!) {
    periodOpen(input: $input) { period { id status } errors { code field message } }
  }
`)

const next = (period: string) => {
  const [year, month] = period.split('-').map(Number) as [number, number]
  return month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`
}

/** A month that nobody has opened yet: whoever closes months may open it. */
export function NotOpened({ period, sector, onChange }: { period: string; sector: Sector; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const open = useAct(openMutation)
  const start = async () => {
    if (await open.run({ period, sector })) onChange()
  }
  return (
    <Paper withBorder p="lg">
      <Empty
        title={t('ledger.noPeriod')}
        action={can('PERIOD_CLOSE') && (
          <Button variant="default" loading={open.busy} onClick={() => void start()}>{t('ledger.openNext', { period: format.period(period) })}</Button>
        )}
      />
      <Refusals errors={open.errors} />
      {open.broken && <Problem error={open.broken} />}
    </Paper>
  )
}

type Step = 'soft' | 'reopen' | 'close'

/** Soft close stops the desk's facts and can be taken back, close makes the month immutable. */
export function Closing({ month, onChange }: { month: LedgerPeriod; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const soft = useAct(softMutation)
  const hard = useAct(closeMutation)
  const reopen = useAct(reopenMutation)
  const [step, setStep] = useState<Step>('soft')
  const [asking, setAsking] = useState(false)
  const figure = useFigure()
  const unmet = month.conditions.filter((one) => !one.met)
  const where = { period: month.period, sector: month.sector }
  const after = next(month.period)
  const then = async (act: Promise<unknown>) => {
    await act
    onChange()
  }
  const broken = soft.broken ?? hard.broken ?? reopen.broken
  const words = { period: format.period(month.period), next: format.period(after) }
  const acts = {
    soft: { run: () => soft.run(where), title: t('ledger.softCloseTitle', words), text: t('ledger.softCloseText', words), yes: t('ledger.softClose') },
    reopen: { run: () => reopen.run(where), title: t('ledger.reopenTitle', words), text: t('ledger.reopenText'), yes: t('ledger.reopen') },
    close: { run: () => hard.run(where), title: t('ledger.closeTitle', words), text: t('ledger.closeText'), yes: t('ledger.close') },
  }
  const act = acts[step]
  const ask = (wanted: Step) => {
    setStep(wanted)
    setAsking(true)
  }
  const refused = step === 'close' && unmet.length > 0
  const busy = soft.busy || hard.busy || reopen.busy
  return (
    <Paper withBorder p="lg" component="section" aria-label={t('ledger.closing')}>
      <Group justify="space-between" gap="sm">
        <div style={{ flex: '1 1 320px' }}>
          <Text component="h2" fw={600} fz="md">{t('ledger.closing')}</Text>
          <Text size="sm" c="dimmed">{month.status === 'CLOSED' ? t('ledger.closedText') : t('ledger.closingText')}</Text>
        </div>
        {can('PERIOD_CLOSE') && (
          <Group gap="xs">
            {month.status === 'OPEN' && (
              <Button variant="default" disabled={busy} onClick={() => ask('soft')}>{t('ledger.softClose')}</Button>
            )}
            {month.status === 'SOFT_CLOSED' && !month.reopened && (
              <Button variant="default" disabled={busy} onClick={() => ask('reopen')}>{t('ledger.reopen')}</Button>
            )}
            {month.status !== 'CLOSED' && (
              <Button
                {...(unmet.length > 0 ? { variant: 'default' } : {})} leftSection={<IconLock size={16} />} loading={hard.busy}
                disabled={busy}
                onClick={() => ask('close')}
              >
                {t('ledger.close')}
              </Button>
            )}
          </Group>
        )}
        {month.status === 'CLOSED' && (
          <Link className="row-link" to="/periods" search={{ period: after, sector: month.sector }}>
            {t('ledger.next', { period: format.period(after) })}
          </Link>
        )}
      </Group>
      {month.reopened && <Text size="sm" c="orange.9" mt="xs">{t('reopening.isOpen')}</Text>}
      {month.status === 'CLOSED' && can('PERIOD_CLOSE') && <Reopening month={month} onChange={onChange} />}
      <Stack mt="xs" gap="xs">
        <Refusals errors={[...soft.errors, ...reopen.errors, ...hard.errors]} />
        {broken && <Problem error={broken} />}
      </Stack>
      {/* A month that cannot be closed yet says why before it asks. */}
      <Dialog opened={asking && refused} title={t('ledger.cannotClose', words)} onClose={() => setAsking(false)}>
        <List size="sm" spacing={6}>
          {unmet.map((one) => (
            <List.Item key={one.code}>
              {one.message} <Text span size="sm" c="dimmed">{t('ledger.notMet', { expected: figure(one.expected), found: figure(one.found) })}</Text>
            </List.Item>
          ))}
        </List>
      </Dialog>
      <Confirm
        opened={asking && !refused} danger={step === 'close'} title={act.title} yes={act.yes}
        onYes={() => void then(act.run())} onClose={() => setAsking(false)}
      >
        <Text size="sm" mb="sm">{act.text}</Text>
        <Figures
          rows={[
            { label: t('ledger.accounts'), value: format.count(month.accounts) },
            { label: t('ledger.charged'), value: format.money(month.charged) },
            { label: t('ledger.paid'), value: format.money(month.paid) },
          ]}
        />
      </Confirm>
    </Paper>
  )
}
