import { useId, useState } from 'react'
import { ActionIcon, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, ExplainTree, IconBack, IconCheck, IconDownload, IconPrint, sign, unsigned, useFormat, useSay, useTitle } from '@aiscra/ui'
import { graphql, type BillQuery } from '../../gql'
import { NotFound } from '../../app/not-found'
import { save } from '../../lib/client'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Bill($id: ID!) {
    businessDate
    me { id account { id bills(first: 24) { nodes { id period charged } } } }
    bill(id: $id) {
      id period opening charged corrected paid closing left dueOn excuse pdf isFinal
      corrections { number reason basis gross }
      imbalance { volume text }
      explanation {
        equal recalculated
        lines {
          equal
          line { service component basis from to volume price coefficient vatRate residents provisional net vat gross }
          tree { ...Step children { ...Step children { ...Step children { ...Step children { ...Step children { ...Step children { ...Step } } } } } } }
        }
      }
    }
  }
  fragment Step on ExplainNode { kind label value unit source }
`)

const route = getRouteApi('/bills/$id')
type Explained = NonNullable<BillQuery['bill']>['explanation']['lines'][number]

export function BillPage() {
  const t = useT()
  useTitle(t('nav.bills'))
  const format = useFormat()
  const { id } = route.useParams()
  const [result, refetch] = useQuery({ query, variables: { id } })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={8}>
      {({ bill, me, businessDate }) => !bill ? <NotFound /> : (
        <Stack>
          <Link className="row-link" to="/bills"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.bills')}</Group></Link>
          <Group justify="space-between" wrap="nowrap">
            <Title order={1} fz={24}>{bill.isFinal ? t('billing.final') : t('billing.billFor', { period: format.period(bill.period) })}</Title>
            <Group gap={6} wrap="nowrap" className="no-print">
              <Paperwork bill={bill} />
              <ActionIcon variant="default" size="lg" aria-label={t('billing.print')} title={t('billing.print')} onClick={() => print()}><IconPrint /></ActionIcon>
            </Group>
          </Group>
          {bill.isFinal && <Text size="sm" role="note">{t(sign(bill.closing) < 0 ? 'billing.finalAhead' : 'billing.finalText')}</Text>}
          <InWords bill={bill} today={businessDate} before={me.account.bills.nodes.find((one) => one.period < bill.period)} />
          <Paper withBorder p="md">
            <Row label={sign(bill.opening) < 0 ? t('billing.openingAdvance') : t('billing.opening')} value={format.money(unsigned(bill.opening))} />
            <Row label={t('billing.charged')} value={format.money(bill.charged)} />
            {sign(bill.corrected) !== 0 && <Row label={t('billing.corrected')} value={format.money(bill.corrected)} />}
            {bill.corrections.map((one) => (
              <Text key={`${one.reason} ${one.number} ${one.gross}`} size="xs" c="dimmed">{`${one.reason}: ${format.money(one.gross)} (${one.basis})`}</Text>
            ))}
            <Row label={t('billing.paid')} value={format.money(bill.paid)} />
            <div style={{ borderTop: '1px solid var(--line)', marginTop: 6, paddingTop: 6 }}>
              <Row label={sign(bill.closing) < 0 ? t('home.overpaid') : t('home.owed')} value={format.money(unsigned(bill.closing))} strong />
            </div>
            {sign(bill.closing) > 0 && <Text size="sm" c="dimmed" mt={4}>{t('billing.dueOn', { date: format.date(bill.dueOn) })}</Text>}
            {sign(bill.closing) > 0 && bill.left !== bill.closing && (
              <div data-testid="left" style={{ borderTop: '1px solid var(--line)', marginTop: 6, paddingTop: 6 }}>
                {tiyn(bill.left) < tiyn(bill.closing) && <Row label={t('billing.paidSince')} value={format.money(tenge(tiyn(bill.closing) - tiyn(bill.left)))} />}
                {tiyn(bill.left) > tiyn(bill.closing) && <Row label={t('billing.addedSince')} value={format.money(tenge(tiyn(bill.left) - tiyn(bill.closing)))} />}
                <Row label={t('billing.left')} value={format.money(bill.left)} strong />
              </div>
            )}
          </Paper>
          {bill.imbalance && (
            <Paper withBorder p="md" component="section" aria-label={t('billing.imbalance')}>
              <Title order={2} fz="lg" mb={4}>{t('billing.imbalance')}</Title>
              <Text size="sm">{bill.imbalance.text}</Text>
            </Paper>
          )}
          <Title order={2} fz="lg">{t('billing.how')}</Title>
          {bill.explanation.lines.map((one, index) => <Line key={index} one={one} />)}
          {bill.explanation.lines.length === 0 && <Text c="dimmed">{t('billing.noLines')}</Text>}
          {bill.explanation.equal && (
            <Group gap="xs" wrap="nowrap" align="flex-start">
              <Chip tone="good"><IconCheck size={13} strokeWidth={2.6} /></Chip>
              <Text size="sm" c="dimmed">{t('billing.equal', { sum: format.money(bill.explanation.recalculated) })}</Text>
            </Group>
          )}
        </Stack>
      )}
    </Answer>
  )
}

/** The bill on paper, in Kazakh and Russian, as a file. */
function Paperwork({ bill }: { bill: { pdf: string } }) {
  const t = useT()
  const say = useSay()
  const [busy, setBusy] = useState(false)
  const get = async () => {
    setBusy(true)
    if (!(await save(bill.pdf))) say(t('billing.noPdf'))
    setBusy(false)
  }
  return <Button size="sm" variant="default" leftSection={<IconDownload size={16} />} loading={busy} onClick={() => void get()}>PDF</Button>
}

const tiyn = (sum: string) => Math.round(Number(sum) * 100)
const tenge = (sum: number) => (sum / 100).toFixed(2)

/** The bill as a neighbour would tell it: how much, what for, more or less than the month before, by when. */
function InWords({ bill, today, before }: { bill: NonNullable<BillQuery['bill']>; today: string; before: { period: string; charged: string } | undefined }) {
  const t = useT()
  const format = useFormat()
  const change = before ? tiyn(bill.charged) - tiyn(before.charged) : 0
  const sum = (value: number) => format.money((Math.abs(value) / 100).toFixed(2))
  // The bill stays as it was made; what is asked for is what is left of it now.
  const end = () => {
    if (sign(bill.closing) <= 0) return t('words.nothing')
    if (sign(bill.left) <= 0) return t('words.paidInFull')
    const facts = { sum: format.money(bill.left), date: format.date(bill.dueOn), paid: format.money(tenge(tiyn(bill.closing) - tiyn(bill.left))) }
    const part = tiyn(bill.left) < tiyn(bill.closing)
    if (bill.dueOn < today) return part ? t('words.payRestLate', facts) : t('words.payLate', facts)
    return part ? t('words.payRest', facts) : t('words.pay', facts)
  }
  const volume = bill.explanation.lines.filter((one) => one.line.service === 'WATER').reduce((total, one) => total + Math.round(Number(one.line.volume) * 1000), 0)
  return (
    <Text>
      {bill.excuse
        ? t('words.excused', { reason: bill.excuse })
        : sign(bill.charged) < 0
          ? t('words.givenBack', { period: format.period(bill.period), sum: format.money(unsigned(bill.charged)) })
          : t('words.charged', { period: format.period(bill.period), sum: format.money(bill.charged), volume: format.volume((volume / 1000).toFixed(3)) })}
      {before && change !== 0 && sign(bill.charged) >= 0 && ` ${change > 0 ? t('words.more', { sum: sum(change) }) : t('words.less', { sum: sum(change) })}`}
      {before && change === 0 && ` ${t('words.same')}`}
      {sign(bill.opening) > 0 && sign(bill.closing) >= 0 && ` ${t('words.debt', { sum: format.money(bill.opening) })}`}
      {sign(bill.opening) < 0 && ` ${t('words.ahead', { sum: format.money(unsigned(bill.opening)) })}`}
      <b> {end()}</b>
    </Text>
  )
}

function Row({ label, value, strong }: { label: string; value: string; strong?: boolean }) {
  return (
    <Group justify="space-between" wrap="nowrap" py={3}>
      <Text size="sm" fw={strong ? 700 : 400}>{label}</Text>
      <Text className="tab" fw={strong ? 700 : 500} fz={strong ? 'lg' : 'sm'} style={{ whiteSpace: 'nowrap' }}>{value}</Text>
    </Group>
  )
}

/** One line in a sentence a neighbour would say, and the whole tree on request. */
function Line({ one }: { one: Explained }) {
  const t = useT()
  const format = useFormat()
  const [open, setOpen] = useState(false)
  const id = useId()
  const { line } = one
  const coefficient = Number(line.coefficient) === 1 ? '' : ` × ${format.decimal(line.coefficient)}`
  const plain = () => {
    if (line.basis === 'METERED' && sign(line.volume) < 0) return t('plain.givenBack', { volume: format.volume(unsigned(line.volume)) })
    const volume = format.volume(line.volume)
    // While the meter is off no reading comes for these days.
    if (line.basis === 'AVERAGE' && !line.provisional) return t('plain.away', { volume })
    return t(`plain.Basis.${line.basis}`, { volume, count: line.residents ?? 0 })
  }
  return (
    <Paper withBorder p="md" component="section" aria-label={`${t(`enum.Service.${line.service}`)}, ${format.shortDate(line.from)} – ${format.shortDate(line.to)}`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={3} fz="md">{t(`enum.Service.${line.service}`)}</Title>
          <Text size="sm" c="dimmed">{format.shortDate(line.from)} – {format.shortDate(line.to)}</Text>
        </div>
        <Text fw={700} fz="lg" className="tab" style={{ whiteSpace: 'nowrap' }}>{format.money(line.gross)}</Text>
      </Group>
      <Text size="sm" mt={6}>{plain()}</Text>
      <Text size="sm" className="tab">
        {t('billing.formula', {
          volume: format.volume(line.volume), price: `${format.price(line.price)}${coefficient}`, vat: format.percent(line.vatRate), sum: format.money(line.gross),
        })}
      </Text>
      <Button mt="xs" size="compact-sm" variant="light" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {open ? t('billing.hide') : t('billing.details')}
      </Button>
      <div id={id} style={{ marginTop: 8 }}>{open && <ExplainTree tree={one.tree} openTo={3} />}</div>
    </Paper>
  )
}
