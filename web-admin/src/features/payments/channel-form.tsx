// The settings of a channel: everything that a counterparty may want otherwise.
import { useState } from 'react'
import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core'
import { ChecksField, ChoiceField, FieldRow, FormView, Section, SwitchField, TextField, useAct, useFinish, useForm, useLanguage } from '@aiscra/ui'
import {
  graphql, type AccountForm, type ChannelAuth, type ChannelOutcome, type ClosedPolicy, type DatePolicy, type DeniedAnswer, type Dialect, type Language, type PaymentAgentsQuery,
  type PaymentChannelQuery, type PayerSees, type Spelling, type TemporaryAnswer,
} from '../../gql'
import { useT, type Key } from '../../lib/i18n'

const create = graphql(`
  mutation ChannelCreate($input: ChannelCreateInput!) { channelCreate(input: $input) { channel { id code } secret errors { code field message } } }
`)
const update = graphql(`
  mutation ChannelUpdate($input: ChannelUpdateInput!) { channelUpdate(input: $input) { channel { id version } secret errors { code field message } } }
`)

export type Channel = NonNullable<PaymentChannelQuery['paymentChannel']>
type Agent = PaymentAgentsQuery['paymentAgents']['nodes'][number]

const dialects: Dialect[] = ['UNIFIED', 'OSMP', 'KASPI', 'KASSA_24']
const spellings: Record<Dialect, Spelling[]> = { UNIFIED: ['XML', 'JSON'], OSMP: ['XML'], KASPI: ['JSON', 'XML'], KASSA_24: ['XML'] }
const auths: ChannelAuth[] = ['NONE', 'BASIC', 'PATH', 'HMAC']
const temporaries: TemporaryAnswer[] = ['CODE', 'UNAVAILABLE', 'SILENCE']
const shows: PayerSees[] = ['PAYER', 'ADDRESS', 'SERVICES', 'READINGS']
const forms: AccountForm[] = ['DIGITS', 'WORD']

const lines = (text: string) => text.split(/[\s,;]+/).filter(Boolean)

/** A new channel, or the settings of one. */
export function ChannelForm({ agents, channel, close, done }: { agents?: readonly Agent[]; channel?: Channel; close: () => void; done: () => void }) {
  const t = useT()
  const { language } = useLanguage()
  const finish = useFinish(close, done)
  const [secret, setSecret] = useState<string | null>(null)
  const creating = useAct(create)
  const changing = useAct(update)
  const start = {
    agent: agents?.[0]?.id ?? '', code: '', sandbox: false,
    dialect: channel?.dialect ?? 'UNIFIED', spelling: channel?.spelling ?? 'XML', networks: (channel?.networks ?? []).join('\n'),
    auth: channel?.auth ?? 'NONE', authUser: channel?.authUser ?? '', least: channel?.least ?? '0.01', most: channel?.most ?? '',
    zone: channel?.zone ?? 'Asia/Almaty', language: channel?.language ?? 'RU', echo: channel?.echo ?? '', accountForm: channel?.accountForm ?? 'DIGITS',
    temporary: channel?.temporary ?? 'CODE', denied: channel?.denied ?? 'STATUS', dates: channel?.dates ?? 'STRICT', closed: channel?.closed ?? 'TAKE',
    duplicateMinutes: String(channel?.duplicateMinutes ?? 10), cancelHours: channel?.cancelHours == null ? '' : String(channel.cancelHours),
    answerSeconds: String(channel?.answerSeconds ?? 12), shows: (channel?.shows ?? ['PAYER', 'ADDRESS', 'SERVICES']) as string[],
    codes: (channel?.codes ?? []).filter((one) => one.code !== one.usual).map((one) => `${one.outcome} ${one.code}`).join('\n'),
    registryFormat: channel?.registryFormat ?? '', note: channel?.note ?? '',
  }
  type Values = typeof start
  type Input = { create: Parameters<typeof creating.run>[0] } | { update: Parameters<typeof changing.run>[0] }
  // One form, two mutations: what both of them answer is the channel and, once, its secret.
  const act = {
    ...(channel ? changing : creating),
    run: (input: Input) => ('create' in input ? creating.run(input.create) : changing.run(input.update)),
  }
  const form = useForm<Values, NonNullable<Awaited<ReturnType<typeof act.run>>>, Input>({
    act: act as never,
    start,
    input: (read, values) => {
      const codes = values.codes.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
        const [outcome = '', code = ''] = line.split(/\s+/)
        if (!/^[A-Z_]+$/.test(outcome) || !/^\d{1,4}$/.test(code)) read.refuse('codes', t('channels.codesWrong', { line }))
        return { outcome: outcome as ChannelOutcome, code: Number(code) }
      })
      const settings = {
        dialect: values.dialect as Dialect, spelling: values.spelling as Spelling, networks: lines(values.networks), auth: values.auth as ChannelAuth,
        authUser: values.auth === 'BASIC' ? read.text('authUser') : null, least: read.decimal('least', 2), most: values.most.trim() ? read.decimal('most', 2) : null,
        zone: read.text('zone'), language: values.language as Language, echo: read.optional('echo'), accountForm: values.accountForm as AccountForm,
        temporary: values.temporary as TemporaryAnswer, denied: values.denied as DeniedAnswer, dates: values.dates as DatePolicy, closed: values.closed as ClosedPolicy,
        duplicateMinutes: read.whole('duplicateMinutes'), cancelHours: read.wholeOrNull('cancelHours'), answerSeconds: read.whole('answerSeconds'),
        shows: [...values.shows] as PayerSees[], codes, registryFormat: read.optional('registryFormat'), note: read.optional('note'),
      }
      return channel
        ? { update: { id: channel.id, expectedVersion: channel.version, settings } }
        : { create: { agentId: values.agent, code: read.text('code'), sandbox: values.sandbox, settings } }
    },
    done: (payload) => {
      if (!payload.secret) return finish(t('channels.saved'))
      done()
      setSecret(payload.secret)
    },
  })
  const choices = <T extends string>(list: readonly T[], word: (value: T) => Key) => list.map((value) => ({ value, label: t(word(value)) }))
  if (secret) return <Secret secret={secret} close={close} />
  return (
    <FormView form={form} submit={channel ? t('common.save') : t('channels.new')} cancel={close} refresh={done}>
      {!channel && (
        <>
          <FieldRow>
            <ChoiceField name="agent" label={t('channels.agent')} choices={(agents ?? []).map((one) => ({ value: one.id, label: one.name[language] }))} />
            <TextField name="code" label={t('channels.code')} hint={t('channels.channelCodeHint')} required first />
          </FieldRow>
          <SwitchField name="sandbox" label={t('channels.sandbox')} hint={t('channels.sandboxHint')} />
        </>
      )}
      <FieldRow>
        <ChoiceField name="dialect" label={t('channels.dialect')} choices={choices(dialects, (value) => `enum.Dialect.${value}`)} />
        <ChoiceField name="spelling" label={t('channels.spelling')} choices={choices(spellings[form.values.dialect as Dialect], (value) => `enum.Spelling.${value}`)} />
      </FieldRow>
      <TextField name="networks" label={t('channels.networks')} hint={t('channels.networksHint')} kind="long" />
      <FieldRow>
        <ChoiceField name="auth" label={t('channels.auth')} hint={t('channels.authHint')} choices={choices(auths, (value) => `enum.ChannelAuth.${value}`)} />
        {form.values.auth === 'BASIC' && <TextField name="authUser" label={t('channels.authUser')} required />}
        <ChoiceField name="denied" label={t('channels.denied')} choices={choices(['STATUS', 'CODE'] as const, (value) => `enum.DeniedAnswer.${value}`)} />
      </FieldRow>
      <FieldRow>
        <TextField name="least" label={t('channels.least')} mode="decimal" unit="₸" required />
        <TextField name="most" label={t('channels.most')} hint={t('channels.mostHint')} mode="decimal" unit="₸" />
        <TextField name="duplicateMinutes" label={t('channels.duplicateMinutes')} hint={t('channels.duplicateHint')} mode="numeric" required />
      </FieldRow>
      <FieldRow>
        <ChoiceField name="temporary" label={t('channels.temporary')} hint={t('channels.temporaryHint')} choices={choices(temporaries, (value) => `enum.TemporaryAnswer.${value}`)} />
        <TextField name="answerSeconds" label={t('channels.answerSeconds')} mode="numeric" required />
        <TextField name="cancelHours" label={t('channels.cancelHours')} hint={t('channels.cancelHint')} mode="numeric" />
      </FieldRow>
      <FieldRow>
        <ChoiceField name="dates" label={t('channels.dates')} choices={choices(['STRICT', 'LENIENT'] as const, (value) => `enum.DatePolicy.${value}`)} />
        <TextField name="zone" label={t('channels.zone')} hint="Asia/Almaty, Europe/Moscow" required />
        <ChoiceField name="closed" label={t('channels.closed')} choices={choices(['TAKE', 'REFUSE'] as const, (value) => `enum.ClosedPolicy.${value}`)} />
      </FieldRow>
      <ChecksField name="shows" label={t('channels.shows')} choices={choices(shows, (value) => `enum.PayerSees.${value}`)} />
      <FieldRow>
        <ChoiceField name="language" label={t('channels.language')} choices={[{ value: 'KK', label: 'Қазақша' }, { value: 'RU', label: 'Русский' }, { value: 'EN', label: 'English' }]} />
        <ChoiceField name="accountForm" label={t('channels.accountForm')} choices={choices(forms, (value) => `enum.AccountForm.${value}`)} />
        <TextField name="echo" label={t('channels.echo')} hint={t('channels.echoHint')} />
      </FieldRow>
      <TextField name="codes" label={t('channels.codes')} hint={t('channels.codesHint')} kind="long" />
      <FieldRow>
        <TextField name="registryFormat" label={t('channels.registryFormat')} />
        <TextField name="note" label={t('channels.note')} kind="long" />
      </FieldRow>
    </FormView>
  )
}

/** A new secret: whoever closes this has copied it. */
export function Secret({ secret, close }: { secret: string; close: () => void }) {
  const t = useT()
  return (
    <Stack>
      <Alert color="orange" role="alert" title={t('channels.secretTitle')}><Text size="sm">{t('channels.secretText')}</Text></Alert>
      <Section title={t('channels.secret')}><Code block>{secret}</Code></Section>
      <Group justify="flex-end"><Button onClick={close}>{t('channels.secretKept')}</Button></Group>
    </Stack>
  )
}
