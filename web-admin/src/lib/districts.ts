import { useQuery } from 'urql'
import { useLanguage, type Choice } from '@aiscra/ui'
import { graphql } from '../gql'

const query = graphql(`
  query Districts { districts { id name { kk ru en } } }
`)

/** Districts of the city to choose from, in the reader's language. */
export function useDistricts(): Choice[] {
  const { language } = useLanguage()
  const [result] = useQuery({ query, requestPolicy: 'cache-first' })
  return (result.data?.districts ?? []).map((one) => ({ value: one.id, label: one.name[language] }))
}
