// The account's page: penalty explained, disputes, warnings, instalments.
import { useState } from 'react'
import { Button, Collapse, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Answer, Chip, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, Section, TextField, useAct, useFinish, useForm, useFormat, type Picked,
} from '@aiscra/ui'
import { graphql, type AccountDebtQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { Certificates } from './certificates'
import { toneOf } from './parts'

const query = graphql(`
  query AccountDebt($id: ID!) {
    account(id: $id) {
      id
      openItems(first: 100) { nodes { id service component origin rest } }
      debt {
        penalty { month origin service dueOn amount days { from to days overdue baseRate multiplier yearDays exact } }
        disputes { id state amount reason openedOn answerBy }
        notices { id state debt issuedOn deadline stateOn }
        plans { id state amount paid agreedOn parts { dueOn amount covered } }
        offBalance { origin service amount postedOn revivedOn }
      }
    }
  }
`)
const open = graphql(`
  mutation DisputeOpen($input: DisputeOpenInput!) { disputeOpen(input: $input) { dispute { id } errors { code field message } } }
`)
const agree = graphql(`
  mutation PlanAgree($input: PlanAgreeInput!) { planAgree(input: $input) { plan { id } errors { code field message } } }
`)

type Account = NonNullable<AccountDebtQuery['account']>
type Month = Account['debt']['penalty'][number]

export function DebtTab({ account, onChange }: { account: { id: string }; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [result, refetch] = useQuery({ query, variables: { id: account.id }, requestPolicy: 'cache-and-network' })
  const again = () => {
    refetch({ requestPolicy: 'network-only' })
    onChange()
  }
  return (
    <Answer result={result} retry={again} lines={6}>
      {({ account: row }) => !row ? null : (
        <Stack>
          {can('DEBT_WRITE') && (
            <Group>
              <DialogButton label={t('debt.openDispute')} buttonSize="xs">{(close) => <DisputeForm account={row} close={close} done={again} />}</DialogButton>
              <DialogButton label={t('debt.agreePlan')} buttonSize="xs">{(close) => <PlanForm account={row} close={close} done={again} />}</DialogButton>
            </Group>
          )}
          <Certificates account={row} />
          <Section title={t('debt.penalty')} flush>
            <DataTable
              caption={t('debt.penalty')} rows={row.debt.penalty} rowKey={(one) => `${one.month} ${one.origin} ${one.service}`} empty={<Empty title={t('debt.noPenalty')} />}
              columns={[
                { key: 'month', head: t('debt.delayIn'), cell: (one) => format.period(one.month) },
                { key: 'of', head: t('debt.debtOf'), cell: (one) => <div>{format.period(one.origin)}<Text size="xs" c="dimmed">{one.service ? t(`enum.Service.${one.service}`) : ''}</Text></div> },
                { key: 'how', head: t('debt.how'), cell: (one) => <How of={one} /> },
                { key: 'amount', head: t('debt.penalty'), numeric: true, cell: (one) => <b>{format.money(one.amount)}</b> },
              ]}
            />
          </Section>
          {row.debt.disputes.length > 0 && (
            <Section title={t('debt.disputes')} flush>
              <DataTable
                caption={t('debt.disputes')} rows={row.debt.disputes} rowKey={(one) => one.id} empty={null}
                columns={[
                  { key: 'state', head: t('common.state'), cell: (one) => <Chip tone={toneOf(one.state)}>{t(`enum.DisputeState.${one.state}`)}</Chip> },
                  { key: 'reason', head: t('debt.reason'), cell: (one) => one.reason },
                  { key: 'by', head: t('debt.answerBy'), cell: (one) => format.shortDate(one.answerBy) },
                  { key: 'amount', head: t('debt.sum'), numeric: true, cell: (one) => format.money(one.amount) },
                ]}
              />
            </Section>
          )}
          {row.debt.plans.length > 0 && (
            <Section title={t('debt.plans')} flush>
              <DataTable
                caption={t('debt.plans')} rows={row.debt.plans} rowKey={(one) => one.id} empty={null}
                columns={[
                  { key: 'state', head: t('common.state'), cell: (one) => <Chip tone={toneOf(one.state)}>{t(`enum.PlanState.${one.state}`)}</Chip> },
                  { key: 'parts', head: t('debt.parts'), cell: (one) => <Text size="xs" className="tab">{one.parts.map((part) => `${part.covered ? '✓ ' : ''}${format.shortDate(part.dueOn)} ${format.money(part.amount)}`).join(' · ')}</Text> },
                  { key: 'amount', head: t('debt.owed'), numeric: true, cell: (one) => format.money(one.amount) },
                  { key: 'paid', head: t('debt.paid'), numeric: true, cell: (one) => <b>{format.money(one.paid)}</b> },
                ]}
              />
            </Section>
          )}
          {row.debt.notices.length > 0 && (
            <Section title={t('debt.notices')} flush>
              <DataTable
                caption={t('debt.notices')} rows={row.debt.notices} rowKey={(one) => one.id} empty={null}
                columns={[
                  { key: 'state', head: t('common.state'), cell: (one) => <Chip tone={toneOf(one.state)}>{t(`enum.NoticeState.${one.state}`)}</Chip> },
                  { key: 'issued', head: t('debt.issuedOn'), cell: (one) => format.shortDate(one.issuedOn) },
                  { key: 'deadline', head: t('debt.deadline'), cell: (one) => format.shortDate(one.deadline) },
                  { key: 'debt', head: t('debt.then'), numeric: true, cell: (one) => format.money(one.debt) },
                ]}
              />
            </Section>
          )}
          {row.debt.offBalance.length > 0 && (
            <Section title={t('debt.offBalance')} flush>
              <DataTable
                caption={t('debt.offBalance')} rows={row.debt.offBalance} rowKey={(one) => `${one.origin} ${one.service} ${one.postedOn}`} empty={null}
                columns={[
                  { key: 'origin', head: t('common.period'), cell: (one) => format.period(one.origin) },
                  { key: 'posted', head: t('debt.givenUpOn'), cell: (one) => format.shortDate(one.postedOn) },
                  { key: 'state', head: t('common.state'), cell: (one) => one.revivedOn ? t('debt.revivedOn', { date: format.shortDate(one.revivedOn) }) : '—' },
                  { key: 'amount', head: t('debt.sum'), numeric: true, cell: (one) => format.money(one.amount) },
                ]}
              />
            </Section>
          )}
        </Stack>
      )}
    </Answer>
  )
}

/** Days × sum × rate, one line for each change of the sum or the rate. */
function How({ of }: { of: Month }) {
  const t = useT()
  const format = useFormat()
  const [shown, setShown] = useState(false)
  const days = of.days.reduce((all, one) => all + one.days, 0)
  return (
    <div>
      <Button size="compact-xs" variant="subtle" px={0} aria-expanded={shown} onClick={() => setShown(!shown)}>{t('debt.dayCount', { count: days })}</Button>
      <Collapse expanded={shown}>
        <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing="xs" fz="xs" aria-label={t('debt.how')}>
          <Table.Tbody>
            {of.days.map((one) => (
              <Table.Tr key={one.from}>
                <Table.Td className="tab">{format.shortDate(one.from)} – {format.shortDate(one.to)}</Table.Td>
                <Table.Td className="num">{t('debt.formula', { sum: format.money(one.overdue), rate: format.decimal(one.baseRate), times: format.decimal(one.multiplier), year: one.yearDays, days: one.days })}</Table.Td>
                <Table.Td className="num">{format.decimal(one.exact)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Collapse>
    </div>
  )
}

function DisputeForm({ account, close, done }: { account: Account; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const items = account.openItems.nodes.filter((one) => one.service && !one.rest.startsWith('-'))
  const form = useForm({
    act: useAct(open),
    start: { item: items[0]?.id ?? '', amount: items[0]?.rest ?? '', reason: '' },
    input: (read) => ({ accountId: account.id, openItemId: read.text('item'), amount: read.decimal('amount', 2), reason: read.text('reason') }),
    done: () => finish(t('debt.disputeOpened')),
  })
  return (
    <FormView form={form} submit={t('debt.openDispute')} cancel={close}>
      <Text size="sm" c="dimmed">{t('debt.disputeText')}</Text>
      <ChoiceField
        name="item" label={t('debt.what')} required
        choices={items.map((one) => ({ value: one.id, label: `${format.period(one.origin)} · ${one.service ? t(`enum.Service.${one.service}`) : ''} · ${one.component ? t(`enum.Component.${one.component}`) : ''} · ${format.money(one.rest)}` }))}
      />
      <TextField name="amount" label={t('debt.sum')} mode="decimal" unit="₸" required />
      <TextField name="reason" label={t('debt.why')} kind="long" required />
    </FormView>
  )
}

function PlanForm({ account, close, done }: { account: Account; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(agree),
    start: { parts: '3', first: useToday(), document: null as Picked | null },
    input: (read) => ({ accountId: account.id, parts: read.whole('parts'), first: read.text('first'), documentId: read.picked('document') }),
    done: () => finish(t('debt.planAgreed')),
  })
  return (
    <FormView form={form} submit={t('debt.agreePlan')} cancel={close}>
      <Text size="sm" c="dimmed">{t('debt.planText')}</Text>
      <FieldRow>
        <TextField name="parts" label={t('debt.parts')} mode="numeric" required />
        <TextField name="first" label={t('debt.firstPart')} kind="date" required />
      </FieldRow>
      <DocumentField name="document" required />
    </FormView>
  )
}
