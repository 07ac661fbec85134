// A warning of disconnection that still stands, in the words of its paper.
import { Alert, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { IconAlert, useFormat, useLanguage } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Warnings { me { id account { id debt { notices { id state deadline text { kk ru } } } } } }
`)

export function Warning() {
  const t = useT()
  const format = useFormat()
  const { language } = useLanguage()
  const [result] = useQuery({ query })
  const one = result.data?.me.account.debt.notices.find((notice) => notice.state === 'WARNED')
  if (!one) return null
  return (
    <Alert color="orange" role="alert" icon={<IconAlert />} title={t('debt.warned', { date: format.date(one.deadline) })}>
      {/* The paper has two languages. */}
      <Text size="sm" lang={language === 'kk' ? 'kk' : 'ru'}>{language === 'kk' ? one.text.kk : one.text.ru}</Text>
    </Alert>
  )
}
