// Cash that is no payment: in for change, out, to the collectors, to another desk and from it.
import { useState } from 'react'
import { Button, Group, Stack, Text } from '@mantine/core'
import { Chip, ChoiceField, DialogButton, FormView, Problem, Refusals, TextField, newKey, useAct, useFinish, useForm, useFormat, useSay } from '@aiscra/ui'
import { save } from '../../lib/client'
import { useT } from '../../lib/i18n'
import { collectMutation, handOverMutation, payInMutation, payOutMutation, takeOverMutation } from './graph'
import { OlderSale } from './older'
import { useName, type Desk } from './parts'
import { exact, tiyn } from './tender'

interface Props {
  desk: Desk
  desks: readonly Desk[]
  done: () => void
}

export function Moves({ desk, desks, done }: Props) {
  const t = useT()
  return (
    <Stack gap="xs">
      <OnTheWay desk={desk} done={done} />
      <Group gap="xs">
        <DialogButton label={t('cash.payIn')} buttonSize="sm">{(close) => <MoveForm kind="payIn" desk={desk} close={close} done={done} />}</DialogButton>
        <DialogButton label={t('cash.payOut')} buttonSize="sm">{(close) => <MoveForm kind="payOut" desk={desk} close={close} done={done} />}</DialogButton>
        <DialogButton label={t('cash.collect')} buttonSize="sm">{(close) => <CollectForm desk={desk} close={close} done={done} />}</DialogButton>
        <DialogButton label={t('cash.older')} buttonSize="sm" size="xl">{(close) => <OlderSale deskId={desk.id} close={close} done={done} />}</DialogButton>
        {desks.length > 1 && <DialogButton label={t('cash.handOver')} buttonSize="sm">{(close) => <HandOverForm desk={desk} desks={desks} close={close} done={done} />}</DialogButton>}
      </Group>
    </Stack>
  )
}

/** The order of what was done goes to the printer at once. */
const print = (order: { paperPath: string } | null | undefined) => { if (order) void save(order.paperPath) }

function MoveForm({ kind, desk, close, done }: { kind: 'payIn' | 'payOut'; desk: Desk; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const [key] = useState(newKey)
  const [payIn, payOut] = [useAct(payInMutation), useAct(payOutMutation)]
  const form = useForm({
    act: kind === 'payIn' ? payIn : payOut as unknown as typeof payIn,
    start: { amount: '', person: '', basis: '' },
    input: (read) => ({ deskId: desk.id, amount: read.decimal('amount', 2), person: read.text('person'), basis: read.text('basis'), idempotencyKey: key }),
    done: (payload) => { print(payload.operation?.order); finish(t(kind === 'payIn' ? 'cash.wasPaidIn' : 'cash.wasPaidOut')) },
  })
  return (
    <FormView form={form} submit={t(`cash.${kind}`)} cancel={close}>
      <TextField name="amount" label={t('cash.amount')} mode="decimal" unit="₸" required first />
      <TextField name="person" label={t(kind === 'payIn' ? 'cash.fromWhom' : 'cash.toWhom')} required />
      <TextField name="basis" label={t('cash.basis')} required />
    </FormView>
  )
}

function CollectForm({ desk, close, done }: { desk: Desk; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const [key] = useState(newKey)
  const form = useForm({
    act: useAct(collectMutation),
    start: { amount: '', bag: '', collector: '', basis: '' },
    input: (read) => ({ deskId: desk.id, amount: read.decimal('amount', 2), bag: read.text('bag'), collector: read.text('collector'), basis: read.text('basis'), idempotencyKey: key }),
    done: (payload) => { print(payload.operation?.order); finish(t('cash.wasCollected')) },
  })
  return (
    <FormView form={form} submit={t('cash.collect')} cancel={close}>
      <TextField name="amount" label={t('cash.amount')} mode="decimal" unit="₸" required first />
      <TextField name="bag" label={t('cash.bag')} required />
      <TextField name="collector" label={t('cash.collector')} required />
      <TextField name="basis" label={t('cash.basis')} hint={t('cash.collectHint')} required />
    </FormView>
  )
}

function HandOverForm({ desk, desks, close, done }: Props & { close: () => void }) {
  const t = useT()
  const name = useName()
  const finish = useFinish(close, done)
  const [key] = useState(newKey)
  const others = desks.filter((one) => one.id !== desk.id && one.active)
  const form = useForm({
    act: useAct(handOverMutation),
    start: { to: others[0]?.id ?? '', amount: '', basis: '' },
    input: (read) => ({ deskId: desk.id, toDeskId: read.text('to'), amount: read.decimal('amount', 2), basis: read.text('basis'), idempotencyKey: key }),
    done: (payload) => { print(payload.operation?.order); finish(t('cash.wasHandedOver')) },
  })
  return (
    <FormView form={form} submit={t('cash.handOver')} cancel={close}>
      <ChoiceField name="to" label={t('cash.toDesk')} choices={others.map((one) => ({ value: one.id, label: `${one.code} · ${name(one.name)}` }))} />
      <TextField name="amount" label={t('cash.amount')} mode="decimal" unit="₸" required first />
      <TextField name="basis" label={t('cash.basis')} required />
    </FormView>
  )
}

/** Handed over and not taken over: what comes here is taken, what nobody took comes back. */
function OnTheWay({ desk, done }: { desk: Desk; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const act = useAct(takeOverMutation)
  const take = async (id: string) => {
    if (await act.run({ deskId: desk.id, id, idempotencyKey: `take-${id}` })) {
      say(t('cash.wasTakenOver'))
      done()
    }
  }
  if (desk.onTheWay.length === 0) return null
  return (
    <Stack gap={6}>
      {desk.onTheWay.map((one) => {
        const here = one.toDesk?.id === desk.id
        return (
          <Group key={one.id} justify="space-between" gap="xs">
            <Chip tone="warn">{t(here ? 'cash.comesFrom' : 'cash.goesTo', { desk: (here ? one.desk.code : one.toDesk?.code) ?? '', sum: format.money(exact(-tiyn(one.cash))) })}</Chip>
            <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => void take(one.id)}>{t(here ? 'cash.takeOver' : 'cash.takeBack')}</Button>
          </Group>
        )
      })}
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <Text size="xs" c="dimmed">{t('cash.onTheWayText')}</Text>
    </Stack>
  )
}
