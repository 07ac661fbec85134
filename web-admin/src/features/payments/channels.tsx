// Who takes money for the utility, on which channels, and what somebody has to look at about it.
import { Button, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import {
  Chip, DialogButton, Empty, FieldRow, FormView, IconPlus, PagedTable, PageHead, Section, SwitchField, TextField, useAct, useFinish, useForm,
  useLanguage, usePages,
} from '@aiscra/ui'
import { graphql, type PaymentAgentsQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { ChannelForm } from './channel-form'
import { Incidents } from './incidents'

const agentsQuery = graphql(`
  query PaymentAgents($after: String) {
    paymentAgents(first: 50, after: $after) { nodes { id code name { kk ru en } bin active version } pageInfo { hasNextPage endCursor } }
  }
`)
const channelsQuery = graphql(`
  query PaymentChannels($after: String) {
    paymentChannels(first: 50, after: $after) {
      nodes { id code dialect sandbox active networks auth agent { id name { kk ru en } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const create = graphql(`
  mutation AgentCreate($input: AgentCreateInput!) { agentCreate(input: $input) { agent { id code } errors { code field message } } }
`)
const update = graphql(`
  mutation AgentUpdate($input: AgentUpdateInput!) { agentUpdate(input: $input) { agent { id version } errors { code field message } } }
`)

type Agent = PaymentAgentsQuery['paymentAgents']['nodes'][number]

export function Channels() {
  const t = useT()
  const can = useCan()
  const { language } = useLanguage()
  const agents = usePages(agentsQuery, {}, (data) => data.paymentAgents)
  const channels = usePages(channelsQuery, {}, (data) => data.paymentChannels)
  const again = () => {
    agents.refresh()
    channels.refresh()
  }
  return (
    <>
      <PageHead title={t('nav.channels')} lead={t('channels.lead')}>
        <Button component="a" href={`/pay/docs/${language}`} target="_blank" variant="default">{t('channels.specification')}</Button>
        {can('CHANNEL_WRITE') && agents.rows.length > 0 && (
          <DialogButton label={t('channels.new')} variant="filled" size="xl" icon={<IconPlus size={16} />}>
            {(close) => <ChannelForm agents={agents.rows} close={close} done={again} />}
          </DialogButton>
        )}
      </PageHead>
      <Stack>
        <Section flush title={t('channels.channels')}>
          <PagedTable
            caption={t('channels.channels')} pages={channels} rowKey={(row) => row.id} empty={<Empty title={t('channels.none')}>{t('channels.noneText')}</Empty>}
            columns={[
              { key: 'code', head: t('channels.code'), cell: (row) => <Link to="/channels/$id" params={{ id: row.id }}><b>{row.code}</b></Link> },
              { key: 'agent', head: t('channels.agent'), cell: (row) => row.agent.name[language] },
              { key: 'dialect', head: t('channels.dialect'), cell: (row) => t(`enum.Dialect.${row.dialect}`) },
              { key: 'auth', head: t('channels.auth'), cell: (row) => t(`enum.ChannelAuth.${row.auth}`) },
              { key: 'networks', head: t('channels.networks'), cell: (row) => <Text size="sm" ff="monospace">{row.networks.join(', ') || t('channels.nobody')}</Text> },
              {
                key: 'state', head: t('common.state'),
                cell: (row) => (
                  <Group gap={6}>
                    {row.active ? <Chip tone="good">{t('channels.on')}</Chip> : <Chip tone="bad">{t('channels.off')}</Chip>}
                    {row.sandbox && <Chip tone="plain">{t('channels.sandbox')}</Chip>}
                  </Group>
                ),
              },
            ]}
          />
        </Section>
        <Section
          flush title={t('channels.agents')}
          side={can('CHANNEL_WRITE') && (
            <DialogButton label={t('channels.newAgent')} icon={<IconPlus size={14} />} buttonSize="xs" variant="filled">
              {(close) => <NewAgent close={close} done={again} />}
            </DialogButton>
          )}
        >
          <PagedTable
            caption={t('channels.agents')} pages={agents} rowKey={(row) => row.id} empty={<Empty title={t('channels.noAgents')}>{t('channels.noAgentsText')}</Empty>}
            columns={[
              { key: 'code', head: t('channels.code'), cell: (row) => row.code },
              { key: 'name', head: t('channels.name'), cell: (row) => row.name[language] },
              { key: 'bin', head: t('channels.bin'), cell: (row) => <span className="tab">{row.bin ?? '—'}</span> },
              { key: 'state', head: t('common.state'), cell: (row) => row.active ? <Chip tone="good">{t('channels.works')}</Chip> : <Chip tone="plain">{t('channels.left')}</Chip> },
              ...(can('CHANNEL_WRITE')
                ? [{
                    key: 'act', head: <span className="unseen">{t('common.acts')}</span>,
                    cell: (row: Agent) => (
                      <DialogButton label={t('common.change')} title={row.code} buttonSize="compact-sm">
                        {(close) => <EditAgent row={row} close={close} done={again} />}
                      </DialogButton>
                    ),
                  }]
                : []),
            ]}
          />
        </Section>
        <Incidents />
      </Stack>
    </>
  )
}

function AgentFields() {
  const t = useT()
  return (
    <>
      <TextField name="nameKk" label={t('channels.nameKk')} required />
      <TextField name="nameRu" label={t('channels.nameRu')} required />
      <TextField name="nameEn" label={t('channels.nameEn')} required />
    </>
  )
}

function NewAgent({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(create),
    start: { code: '', nameKk: '', nameRu: '', nameEn: '', bin: '' },
    input: (read) => ({ code: read.text('code'), nameKk: read.text('nameKk'), nameRu: read.text('nameRu'), nameEn: read.text('nameEn'), bin: read.optional('bin') }),
    done: (payload) => finish(t('channels.agentCreated', { code: payload.agent?.code ?? '' })),
  })
  return (
    <FormView form={form} submit={t('channels.newAgent')} cancel={close}>
      <FieldRow>
        <TextField name="code" label={t('channels.code')} hint={t('channels.codeHint')} required first />
        <TextField name="bin" label={t('channels.bin')} mode="numeric" />
      </FieldRow>
      <AgentFields />
    </FormView>
  )
}

function EditAgent({ row, close, done }: { row: Agent; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(update),
    start: { nameKk: row.name.kk, nameRu: row.name.ru, nameEn: row.name.en, bin: row.bin ?? '', active: row.active },
    input: (read, values) => ({
      id: row.id, expectedVersion: row.version, nameKk: read.text('nameKk'), nameRu: read.text('nameRu'), nameEn: read.text('nameEn'),
      bin: read.optional('bin'), active: values.active,
    }),
    done: () => finish(t('channels.agentSaved', { code: row.code })),
  })
  return (
    <FormView form={form} submit={t('common.save')} cancel={close} refresh={done}>
      <AgentFields />
      <TextField name="bin" label={t('channels.bin')} mode="numeric" />
      <SwitchField name="active" label={t('channels.works')} />
    </FormView>
  )
}
