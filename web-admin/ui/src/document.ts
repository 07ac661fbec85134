import { gql } from 'urql'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'

export type { TypedDocumentNode }

/** Parses a document and adds the fragments it spreads, each once. The generated `graphql` gives it its types. */
export function document(source: string, fragments: unknown[]): unknown {
  const pieces = [source, ...fragments.map(() => '')] as unknown as TemplateStringsArray
  return gql(pieces, ...(fragments as never[]))
}
