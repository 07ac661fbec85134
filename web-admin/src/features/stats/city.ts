// The picture of the city, live: the query paints at once, the subscription paints whatever is newer.
import { useCallback, useEffect, useState } from 'react'
import { useClient, useQuery, type CombinedError } from 'urql'
import { useLive, type LiveState } from '@aiscra/ui'
import { graphql } from '../../gql'
import type { City } from './sums'

const query = graphql(`
  query City($period: Period) {
    cityPicture(period: $period) {
      period today
      sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected }
      parts {
        district { id name { kk ru en } } sector
        sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected }
      }
      months { period charged paid parts { sector charged paid } }
      ages { months owed parts { sector owed } }
    }
  }
`)

const live = graphql(`
  subscription CityLive($period: Period) {
    cityPicture(period: $period) {
      period today
      sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected }
      parts {
        district { id name { kk ru en } } sector
        sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected }
      }
      months { period charged paid parts { sector charged paid } }
      ages { months owed parts { sector owed } }
    }
  }
`)

/** While the socket is away the picture is asked for now and then: a network without sockets still has one. */
const askEvery = 15_000

const dayInAlmaty = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Almaty' }).format(new Date())

/** The day in Almaty: midnight begins another "today" without any fact. */
function useDay(): string {
  const [day, setDay] = useState(dayInAlmaty)
  useEffect(() => {
    const timer = setInterval(() => setDay(dayInAlmaty()), 20_000)
    return () => clearInterval(timer)
  }, [])
  return day
}

export interface CityNow {
  city: City | undefined
  /** When these figures came. */
  at: Date | undefined
  state: LiveState
  error: CombinedError | undefined
  refresh: () => void
}

export function useCity(period?: string): CityNow {
  const client = useClient()
  const variables = { period: period ?? null }
  const [first] = useQuery({ query, variables })
  const pushed = useLive(live, variables, useDay())
  const [fetched, setFetched] = useState<{ of: string | null; city: City; at: Date }>()
  const of = variables.period
  const refresh = useCallback(() => {
    void client
      .query(query, { period: of }, { requestPolicy: 'network-only' })
      .toPromise()
      .then(({ data }) => {
        if (data) setFetched({ of, city: data.cityPicture, at: new Date() })
      })
  }, [client, of])
  const paused = pushed.state === 'paused'
  useEffect(() => {
    if (!paused) return
    // A socket that comes back at once needs no help.
    const soon = setTimeout(refresh, 3_000)
    const timer = setInterval(refresh, askEvery)
    return () => {
      clearTimeout(soon)
      clearInterval(timer)
    }
  }, [paused, refresh])

  const mine = fetched?.of === of && (!pushed.at || fetched.at > pushed.at) ? fetched : { city: pushed.data?.cityPicture ?? first.data?.cityPicture, at: pushed.at }
  return { ...mine, state: pushed.state, error: first.error ?? pushed.error, refresh }
}
