// The cashier's place: whose shift it is and how it stands, the receipt at hand, what moved.
import { useCallback, useEffect, useState } from 'react'
import { Button, Group, Paper, Select, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, Chip, Dialog, DialogButton, Empty, PageHead, Problem, Refusals, Section, useAct, useFormat, useSay, useTitle } from '@aiscra/ui'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { CloseShift, CountForm } from './count'
import { desksQuery, openMutation, shiftQuery } from './graph'
import { Journal } from './journal'
import { Moves } from './moves'
import { RegisterChips, since, useName, type Desk, type Shift } from './parts'
import { Till } from './till'
import { Turnover } from './turnover'
import './cash.css'

export function CashPage() {
  const t = useT()
  const [result, ask] = useQuery({ query: desksQuery, requestPolicy: 'cache-and-network' })
  const again = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  return (
    <Answer result={result} retry={again}>
      {({ cashDesks }) => {
        const mine = cashDesks.nodes.find((desk) => desk.openShift?.mine)
        if (mine) return <Place key={mine.openShift!.id} desk={mine} desks={cashDesks.nodes} again={again} />
        return (
          <>
            <PageHead title={t('nav.cash')} lead={t('cash.lead')} />
            <SitDown desks={cashDesks.nodes.filter((desk) => desk.mine)} again={again} />
          </>
        )
      }}
    </Answer>
  )
}

/** No shift of one's own: where to sit down. */
function SitDown({ desks, again }: { desks: readonly Desk[]; again: () => void }) {
  const t = useT()
  const { actor } = useCodes()
  const name = useName()
  const say = useSay()
  const act = useAct(openMutation)
  const free = desks.filter((desk) => desk.active && !desk.openShift)
  const [chosen, setChosen] = useState<string | null>(null)
  const id = chosen ?? free[0]?.id ?? null
  const open = async () => {
    if (!id) return
    if (await act.run({ deskId: id })) say(t('cash.wasOpened'))
    again()
  }
  if (desks.length === 0) return <Empty title={t('cash.noDesk')}>{t('cash.noDeskText')}</Empty>
  return (
    <Paper withBorder p="lg" maw={620} component="section" aria-label={t('cash.openShift')}>
      <Stack>
        <Text fw={600} fz="lg">{t('cash.noShift')}</Text>
        <Text c="dimmed" size="sm">{t('cash.noShiftText')}</Text>
        {free.length === 0
          ? desks.map((desk) => <Text key={desk.id}>{t('cash.taken_by', { desk: `${desk.code} · ${name(desk.name)}`, cashier: desk.openShift ? actor(desk.openShift.cashier) : '—' })}</Text>)
          : (
            <Group align="flex-end">
              <Select flex={1} size="md" label={t('cash.desk')} allowDeselect={false} data={free.map((desk) => ({ value: desk.id, label: `${desk.code} · ${name(desk.name)}` }))} value={id} onChange={setChosen} />
              <Button size="md" autoFocus loading={act.busy} onClick={() => void open()}>{t('cash.openShift')}</Button>
            </Group>
          )}
        <Refusals errors={act.errors} />
        {act.broken && <Problem error={act.broken} />}
      </Stack>
    </Paper>
  )
}

function Place({ desk, desks, again }: { desk: Desk; desks: readonly Desk[]; again: () => void }) {
  const t = useT()
  const [result, ask] = useQuery({ query: shiftQuery, variables: { id: desk.openShift!.id }, requestPolicy: 'cache-and-network' })
  const refresh = useCallback(() => {
    ask({ requestPolicy: 'network-only' })
    again()
  }, [ask, again])
  const receipts = result.data?.cashShift?.operations.nodes.some((one) => one.receipt && (one.receipt.state === 'WAITING' || one.receipt.state === 'ASKING'))
  // Receipts that are on their way to the register are looked at until they are there.
  useEffect(() => {
    if (!receipts) return
    const timer = setInterval(refresh, 2_000)
    return () => clearInterval(timer)
  }, [receipts, refresh])
  useTitle(t('nav.cash'))
  return (
    <Answer result={result} retry={refresh}>
      {({ cashShift }) => cashShift ? <Shown desk={desk} desks={desks} shift={cashShift} refresh={refresh} /> : <Empty title={t('app.notFound')} />}
    </Answer>
  )
}

function Shown({ desk, desks, shift, refresh }: { desk: Desk; desks: readonly Desk[]; shift: Shift; refresh: () => void }) {
  const t = useT()
  const now = useMinute()
  const old = now - Date.parse(shift.openedAt) > 24 * 3_600_000
  const blocked = old ? t('cash.tooLong') : desk.register?.wantsZ ? t('cash.wantsZText') : null
  return (
    <Stack gap="md">
      <Bar desk={desk} shift={shift} now={now} refresh={refresh} />
      <div className="cash">
        <Till desk={desk} shift={shift} blocked={blocked} moved={refresh} />
        <Stack gap="md">
          <Section title={t('cash.journal')} flush>
            {/* What scrolls takes the keys too. */}
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <div style={{ maxHeight: '46vh', overflowY: 'auto' }} tabIndex={0} role="region" aria-label={t('cash.journal')}>
              <Journal operations={shift.operations.nodes} acts deskId={desk.id} done={refresh} />
            </div>
          </Section>
          <Section title={t('cash.moves')}><Moves desk={desk} desks={desks} done={refresh} /></Section>
        </Stack>
      </div>
    </Stack>
  )
}

function Bar({ desk, shift, now, refresh }: { desk: Desk; shift: Shift; now: number; refresh: () => void }) {
  const t = useT()
  const { actor } = useCodes()
  const format = useFormat()
  const name = useName()
  const [closing, setClosing] = useState(false)
  const open = since(shift.openedAt, now)
  return (
    <section className="cash-bar" aria-label={t('cash.shift')}>
      <div>
        <Text component="h1" fw={700} fz={20} lh={1.25} m={0}>{desk.code} · {name(desk.name)}</Text>
        <Text size="sm" c="dimmed">{t('cash.shiftOf', { number: shift.number, cashier: actor(shift.cashier) })}</Text>
      </div>
      <Chip tone={open.hours >= 24 ? 'bad' : open.hours >= 23 ? 'warn' : 'good'}>{t('cash.openFor', { time: format.dateTime(shift.openedAt), hours: open.hours, minutes: open.minutes })}</Chip>
      <RegisterChips desk={desk} />
      <span className="grow" />
      <DialogButton label={t('cash.x')} size="xl" buttonSize="sm">{() => <Turnover shift={shift} />}</DialogButton>
      <DialogButton label={t('cash.check')} size="xl" buttonSize="sm">{(close) => <CountForm shift={shift} kind="CHECK" close={close} done={() => { close(); refresh() }} />}</DialogButton>
      <Button size="sm" onClick={() => setClosing(true)}>{t('cash.closeShift')}</Button>
      {/* Held here, not in a button of its own: it stays while the shift behind it is read again. */}
      <Dialog opened={closing} onClose={() => setClosing(false)} title={t('cash.closing')} size="xl" closeOnClickOutside={false}>
        <CloseShift shift={shift} again={refresh} close={() => setClosing(false)} />
      </Dialog>
    </section>
  )
}

/** The clock on the wall, to the minute. */
function useMinute(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
