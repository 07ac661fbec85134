// What moved in the shift, newest first; what may still be undone is undone here.
import { useState } from 'react'
import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core'
import { DialogButton, FormView, Refusals, Problem, TextField, newKey, parseDecimal, useAct, useFinish, useForm, useFormat, useSay } from '@aiscra/ui'
import { save } from '../../lib/client'
import { useT } from '../../lib/i18n'
import { refundMutation, voidMutation } from './graph'
import { FiscalChip, type Operation } from './parts'
import { exact, tiyn } from './tender'

export function Journal({ operations, acts, deskId, done }: { operations: readonly Operation[]; acts: boolean; deskId: string; done: () => void }) {
  const t = useT()
  if (operations.length === 0) return <Text c="dimmed" size="sm" p="md">{t('cash.nothingYet')}</Text>
  return (
    <ol className="cash-journal" aria-label={t('cash.journal')}>
      {operations.map((one) => <Row key={one.id} one={one} acts={acts} deskId={deskId} done={done} />)}
    </ol>
  )
}

const clock = (at: string) => new Intl.DateTimeFormat('ru-RU', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Almaty' }).format(new Date(at))
const left = (taken: string, back: string) => exact((tiyn(taken) < 0n ? -tiyn(taken) : tiyn(taken)) - tiyn(back))

function Row({ one, acts, deskId, done }: { one: Operation; acts: boolean; deskId: string; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const [open, setOpen] = useState(false)
  const sale = one.kind === 'SALE'
  const back = sale && (/[1-9]/.test(one.returnedCash) || /[1-9]/.test(one.returnedCard))
  const returnable = sale && !one.undone && (/[1-9]/.test(left(one.cash, one.returnedCash)) || /[1-9]/.test(left(one.card, one.returnedCard)))
  const total = format.money(exact(tiyn(one.cash) + tiyn(one.card)))
  return (
    <li>
      <span className="tab">{clock(one.at)}</span>
      <div style={{ minWidth: 0 }}>
        <Button variant="subtle" size="compact-sm" px={4} ml={-4} aria-expanded={open} onClick={() => setOpen(!open)}>{t(`enum.CashOperationKind.${one.kind}`)}</Button>
        <Text size="xs" c="dimmed">{one.lines.length > 0 ? one.lines.map((line) => line.account.number).join(', ') : one.person}</Text>
        {one.undone && sale && <Text size="xs" c="var(--bad)">{t('cash.voided')}</Text>}
        {back && <Text size="xs" c="var(--warn)">{t('cash.givenBack', { sum: format.money(exact(tiyn(one.returnedCash) + tiyn(one.returnedCard))) })}</Text>}
      </div>
      <div style={{ textAlign: 'right' }}>
        <span className="tab" style={{ fontWeight: 600 }}>{one.undone && sale ? <s>{total}</s> : total}</span>
        {/[1-9]/.test(one.card) && <Text size="xs" c="dimmed">{t('cash.ofCard', { sum: format.money(one.card) })}</Text>}
        {one.receipt && <div><FiscalChip state={one.receipt.state} /></div>}
      </div>
      {open && (
        <div className="acts">
          {one.basis && <Text size="xs" w="100%">{one.basis}</Text>}
          {one.receipt?.error && <Text size="xs" w="100%" c="var(--warn)">{one.receipt.errorCode ?? ''} {one.receipt.error}</Text>}
          {one.slipPath && <Paper path={one.slipPath} label={t('cash.slip')} />}
          {one.order && <Paper path={one.order.paperPath} label={t('cash.orderPaper', { number: one.order.number })} />}
          {acts && sale && !one.undone && !back && <DialogButton label={t('cash.void')} buttonSize="compact-sm">{(close) => <VoidForm one={one} deskId={deskId} close={close} done={done} />}</DialogButton>}
          {acts && returnable && <DialogButton label={t('cash.refund')} buttonSize="compact-sm" size="xl">{(close) => <RefundForm one={one} deskId={deskId} close={close} done={done} />}</DialogButton>}
        </div>
      )}
    </li>
  )
}

export function Paper({ path, label }: { path: string; label: string }) {
  const t = useT()
  const say = useSay()
  const [busy, setBusy] = useState(false)
  const get = async () => {
    setBusy(true)
    if (!(await save(path))) say(t('made.failed'))
    setBusy(false)
  }
  return <Button variant="default" size="compact-sm" loading={busy} onClick={() => void get()}>{label}</Button>
}

function VoidForm({ one, deskId, close, done }: { one: Operation; deskId: string; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const [key] = useState(newKey)
  const form = useForm({
    act: useAct(voidMutation),
    start: { reason: '' },
    input: (read) => ({ deskId, saleId: one.id, reason: read.text('reason'), idempotencyKey: key }),
    done: () => finish(t('cash.wasVoided')),
  })
  return (
    <FormView form={form} submit={t('cash.void')} cancel={close} danger>
      <Text>{t('cash.voidText', { cash: format.money(one.cash), card: format.money(one.card) })}</Text>
      <TextField name="reason" label={t('cash.reason')} required first />
    </FormView>
  )
}

/** Nothing written is nothing given. */
const read = (text: string) => (text.trim() ? parseDecimal(text, 2) : '0.00')

export function RefundForm({ one, deskId, close, done }: { one: Operation; deskId: string; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const act = useAct(refundMutation)
  const [key] = useState(newKey)
  const [basis, setBasis] = useState('')
  const [person, setPerson] = useState('')
  const whole = one.lines.map((line) => ({ n: line.n, number: line.account.number, cash: line.cash, card: line.card }))
  // A receipt of which nothing went back yet is given back whole unless somebody types less.
  const fresh = !/[1-9]/.test(one.returnedCash) && !/[1-9]/.test(one.returnedCard)
  const [sums, setSums] = useState(() => whole.map((line) => ({ cash: fresh ? line.cash : '', card: fresh ? line.card : '' })))
  const [bad, setBad] = useState(false)
  const set = (at: number, means: 'cash' | 'card', value: string) => setSums(sums.map((line, index) => (index === at ? { ...line, [means]: value } : line)))
  const give = async () => {
    const lines = whole.map((line, at) => ({ n: line.n, cash: read(sums[at]!.cash), card: read(sums[at]!.card) }))
    const wrong = lines.some((line) => line.cash === null || line.card === null) || !basis.trim() || !person.trim()
    setBad(wrong)
    if (wrong) return
    const payload = await act.run({
      deskId, saleId: one.id, basis, person, idempotencyKey: key,
      lines: lines.filter((line) => /[1-9]/.test(line.cash! + line.card!)).map((line) => ({ n: line.n, cash: line.cash!, card: line.card! })),
    })
    if (!payload) return
    say(t('cash.wasRefunded'))
    close()
    done()
    if (payload.operation?.order) void save(payload.operation.order.paperPath)
  }
  return (
    <Stack>
      <Text size="sm" c="dimmed">{t('cash.refundText')}</Text>
      <Table aria-label={t('cash.refund')}>
        <Table.Thead><Table.Tr><Table.Th>{t('cash.account')}</Table.Th><Table.Th className="num">{t('cash.cash')}</Table.Th><Table.Th className="num">{t('cash.card')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {whole.map((line, at) => (
            <Table.Tr key={line.n}>
              <Table.Td className="tab">{line.number}<Text size="xs" c="dimmed">{t('cash.byMeans', { cash: format.money(line.cash), card: format.money(line.card) })}</Text></Table.Td>
              {(['cash', 'card'] as const).map((means) => (
                <Table.Td key={means}>
                  {/[1-9]/.test(line[means]) && <TextInput inputMode="decimal" aria-label={`${line.number}: ${t(`cash.${means}`)}`} value={sums[at]![means]} error={bad && read(sums[at]![means]) === null} onChange={(event) => set(at, means, event.currentTarget.value)} styles={{ input: { textAlign: 'right' } }} />}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <TextInput data-autofocus label={t('cash.basisApplication')} placeholder={t('cash.basisHint')} required value={basis} error={bad && !basis.trim()} onChange={(event) => setBasis(event.currentTarget.value)} />
      <TextInput label={t('cash.toWhom')} required value={person} error={bad && !person.trim()} onChange={(event) => setPerson(event.currentTarget.value)} />
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>{t('common.cancel')}</Button><Button color="red.9" loading={act.busy} onClick={() => void give()}>{t('cash.refund')}</Button></Group>
    </Stack>
  )
}
