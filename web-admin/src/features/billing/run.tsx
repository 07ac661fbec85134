import { useState } from 'react'
import { Button, Group, Paper, Progress, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { Chip, Confirm, Figures, Problem, Refusals, newKey, useAct, useFormat, type Tone } from '@aiscra/ui'
import { graphql, type RunState } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { Failure } from '../../lib/failure'
import { useT } from '../../lib/i18n'
import { running, type LedgerPeriod, type Run } from '../ledger/cockpit'
import { NewerFacts } from './newer'

const startMutation = graphql(`
  mutation RunStart($input: RunStartInput!) {
    runStart(input: $input) { run { id state accounts accountsDone } errors { code field message } }
  }
`)
const issueMutation = graphql(`
  mutation RunIssue($input: RunIssueInput!) {
    runIssue(input: $input) { run { id state issuedAt } errors { code field message } }
  }
`)
const reverseMutation = graphql(`
  mutation RunReverse($input: RunReverseInput!) {
    runReverse(input: $input) { run { id state reversedAt } errors { code field message } }
  }
`)

const tone: Record<RunState, Tone> = { SNAPSHOT: 'busy', RUNNING: 'busy', POSTED: 'warn', ISSUED: 'good', REVERSED: 'plain', FAILED: 'bad' }
type Step = 'issue' | 'reverse' | 'giveUp'

/** The month's run: start, watch, look at the totals, issue or reverse; one that stands still with an error can be given up. */
export function RunPanel({ month, onChange }: { month: LedgerPeriod; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const start = useAct(startMutation)
  const issue = useAct(issueMutation)
  const reverse = useAct(reverseMutation)
  const [asking, setAsking] = useState<Step | null>(null)
  const [key, setKey] = useState(newKey)
  const run = month.run
  const closed = month.status === 'CLOSED'
  const fresh = !run || run.state === 'REVERSED' || run.state === 'FAILED'

  const then = async (act: Promise<unknown>) => {
    if (await act) setKey(newKey())
    onChange()
  }
  const confirm = () => {
    const step = asking
    setAsking(null)
    if (!run || !step) return
    void then(step === 'issue' ? issue.run({ id: run.id, idempotencyKey: key }) : reverse.run({ id: run.id, idempotencyKey: key }))
  }
  const busy = start.busy || issue.busy || reverse.busy
  const broken = start.broken ?? issue.broken ?? reverse.broken

  return (
    <Paper withBorder p="lg" component="section" id="run" aria-label={t('billing.run')} style={{ scrollMarginTop: 72 }}>
      <Group justify="space-between" mb="sm">
        <Group gap="sm">
          <Text component="h2" fw={600} fz="md">{t('billing.run')}</Text>
          {run && <Chip tone={tone[run.state]}>{t(`enum.RunState.${run.state}`)}</Chip>}
        </Group>
        <Group gap="xs">
          {fresh && !closed && can('BILLING_RUN') && (
            <Button loading={start.busy} onClick={() => void then(start.run({ period: month.period, sector: month.sector, idempotencyKey: key }))}>
              {t('billing.start')}
            </Button>
          )}
          {run && running(run) && run.error && can('BILLING_RUN') && (
            <Button variant="default" disabled={busy} onClick={() => setAsking('giveUp')}>{t('billing.giveUp')}</Button>
          )}
          {run?.state === 'POSTED' && can('BILLING_RUN') && (
            <Button variant="default" disabled={busy} onClick={() => setAsking('reverse')}>{t('billing.reverse')}</Button>
          )}
          {run?.state === 'POSTED' && can('BILLING_ISSUE') && (
            <Button disabled={busy || run.newerCount > 0} onClick={() => setAsking('issue')}>{t('billing.issue')}</Button>
          )}
        </Group>
      </Group>
      <Stack gap="sm">
        <Refusals errors={[...start.errors, ...issue.errors, ...reverse.errors]} />
        {broken && <Problem error={broken} />}
        {!run && <Text size="sm" c="dimmed">{t('billing.noRun')}</Text>}
        {run?.error && <Failure error={run.error} />}
        {run && run.newerCount > 0 && <NewerFacts period={month.period} sector={month.sector} count={run.newerCount} />}
        {run && running(run) && <Live run={run} />}
        {run && !running(run) && <Totals run={run} />}
      </Stack>
      <Confirm
        opened={asking !== null} danger={asking !== null && asking !== 'issue'} onYes={confirm} onClose={() => setAsking(null)}
        title={t(`billing.${asking ?? 'issue'}Title`)} yes={t(`billing.${asking ?? 'issue'}`)}
      >
        <Text size="sm" mb="sm">{asking === 'issue' ? t('billing.issueText', { sum: format.money(run?.gross ?? '0.00') }) : t(`billing.${asking ?? 'reverse'}Text`)}</Text>
        {run && (
          <Figures
            rows={[
              { label: t('billing.accounts'), value: format.count(run.accountsDone) },
              { label: t('billing.lines'), value: format.count(run.lines) },
              { label: t('billing.gross'), value: format.money(run.gross) },
            ]}
          />
        )}
      </Confirm>
    </Paper>
  )
}

function Live({ run }: { run: Run }) {
  const t = useT()
  const format = useFormat()
  const share = run.accounts > 0 ? (100 * run.accountsDone) / run.accounts : 0
  return (
    <div role="status" aria-live="polite">
      <Group justify="space-between" mb={6}>
        <Text size="sm">{run.state === 'SNAPSHOT' ? t('billing.snapshot') : t('billing.running')}</Text>
        <Text size="sm" className="tab">{t('common.of', { done: format.count(run.accountsDone), total: format.count(run.accounts) })}</Text>
      </Group>
      <Progress value={share} animated size="lg" aria-label={t('billing.running')} />
    </div>
  )
}

function Totals({ run }: { run: Run }) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const cells: [string, string][] = [
    [t('billing.gross'), format.money(run.gross)],
    [t('billing.netAndVat'), `${format.amount(run.net)} + ${format.amount(run.vat)}`],
    [t('billing.accounts'), t('billing.accountsOf', { done: format.count(run.accountsDone), excused: format.count(run.excused) })],
    [t('billing.lines'), format.count(run.lines)],
    [t('subscribers.due'), format.date(run.dueOn)],
    [t('billing.startedBy'), `${codes.actor(run.startedBy)}, ${format.dateTime(run.startedAt)}`],
  ]
  return (
    <>
      <Figures rows={cells.map(([label, value]) => ({ label, value }))} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" style={{ alignItems: 'start' }}>
        <Breakdown head={t('billing.service')} rows={run.byService.map((row) => [t(`enum.Service.${row.service}`), row.volume, row.gross])} />
        <Breakdown head={t('billing.basis')} rows={run.byBasis.map((row) => [t(`enum.Basis.${row.basis}`), row.volume, row.gross])} />
      </SimpleGrid>
      {run.hash && <Text size="xs" c="dimmed">{t('billing.hash')} <span style={{ fontFamily: 'monospace', overflowWrap: 'anywhere' }}>{run.hash}</span></Text>}
    </>
  )
}

function Breakdown({ head, rows }: { head: string; rows: [string, string, string][] }) {
  const t = useT()
  const format = useFormat()
  if (rows.length === 0) return null
  return (
    <Table verticalSpacing={4} horizontalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col" fz="xs" c="dimmed">{head}</Table.Th>
          <Table.Th scope="col" className="num" fz="xs" c="dimmed">{t('billing.volume')}</Table.Th>
          <Table.Th scope="col" className="num" fz="xs" c="dimmed">{t('billing.gross')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([label, volume, gross]) => (
          <Table.Tr key={label}><Table.Td>{label}</Table.Td><Table.Td className="num">{format.volume(volume)}</Table.Td><Table.Td className="num">{format.money(gross)}</Table.Td></Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
