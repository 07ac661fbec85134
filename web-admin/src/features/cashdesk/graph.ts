// What the screens of the desk ask for and do, in one place: several of them share the same operations.
import { graphql } from '../../gql'

export const desksQuery = graphql(`
  query CashDesks {
    cashDesks(first: 100) {
      nodes {
        id code name { kk ru en } active mine provider cashbox version
        register { waiting refused waitingSince wantsZ autonomous }
        onTheWay { id cash at desk { id code } toDesk { id code } }
        openShift { id number cashier mine openedAt }
      }
    }
  }
`)

export const shiftQuery = graphql(`
  query CashShift($id: ID!, $after: String) {
    cashShift(id: $id) {
      id number cashier mine openedAt openedOn opening closedAt closedBy reason paperPath cashUnit
      desk { id code name { kk ru en } }
      turnover {
        expected
        sales { count cash card } voids { count cash card } refunds { count cash card } payIns { count cash card } payOuts { count cash card }
        collections { count cash card } takenOver { count cash card } handedOver { count cash card } shortages { count cash card } surpluses { count cash card }
      }
      counts { id kind total expected difference countedBy countedAt witness rows { kind value design pieces } }
      orders { id number kind amount operation person basis paperPath }
      fiscalZ { id state registered errorCode error }
      operations(first: 40, after: $after) {
        nodes {
          id number kind at by cash card rounding given change undone returnedCash returnedCard person basis bag slipPath
          lines { n asked cash card account { id number } }
          order { id number paperPath }
          receipt { id state checkNumber errorCode error }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

export const openMutation = graphql(`
  mutation ShiftOpen($input: ShiftOpenInput!) { shiftOpen(input: $input) { shift { id } errors { code field message } } }
`)
export const closeMutation = graphql(`
  mutation ShiftClose($input: ShiftCloseInput!) { shiftClose(input: $input) { shift { id number closedAt paperPath } errors { code field message } } }
`)
export const countMutation = graphql(`
  mutation CashCount($input: CashCountInput!) { cashCount(input: $input) { count { id total expected difference witness } errors { code field message } } }
`)
export const signMutation = graphql(`
  mutation CashCountSign($input: CashCountSignInput!) { cashCountSign(input: $input) { count { id witness } errors { code field message } } }
`)
export const payMutation = graphql(`
  mutation CashPay($input: CashPayInput!) {
    cashPay(input: $input) {
      operation {
        id number cash card change given rounding slipPath
        lines { n asked cash card account { id number balance owed } }
        receipt { id state checkNumber errorCode error }
      }
      errors { code field message }
    }
  }
`)
export const voidMutation = graphql(`
  mutation CashVoid($input: CashVoidInput!) { cashVoid(input: $input) { operation { id } errors { code field message } } }
`)
export const refundMutation = graphql(`
  mutation CashRefund($input: CashRefundInput!) { cashRefund(input: $input) { operation { id slipPath order { id number paperPath } } errors { code field message } } }
`)
export const payInMutation = graphql(`
  mutation CashPayIn($input: CashMoveInput!) { cashPayIn(input: $input) { operation { id order { id number paperPath } } errors { code field message } } }
`)
export const payOutMutation = graphql(`
  mutation CashPayOut($input: CashMoveInput!) { cashPayOut(input: $input) { operation { id order { id number paperPath } } errors { code field message } } }
`)
export const collectMutation = graphql(`
  mutation CashCollect($input: CashCollectInput!) { cashCollect(input: $input) { operation { id order { id number paperPath } } errors { code field message } } }
`)
export const handOverMutation = graphql(`
  mutation CashHandOver($input: CashHandOverInput!) { cashHandOver(input: $input) { operation { id order { id number paperPath } } errors { code field message } } }
`)
export const takeOverMutation = graphql(`
  mutation CashTakeOver($input: CashTakeOverInput!) { cashTakeOver(input: $input) { operation { id order { id number paperPath } } errors { code field message } } }
`)
export const denominationsQuery = graphql(`
  query Denominations { denominations { id kind value design from to source } }
`)
export const fiscalRetryMutation = graphql(`
  mutation FiscalRetry($input: FiscalRetryInput!) { fiscalRetry(input: $input) { receipt { id state checkNumber errorCode error attempts nextAt } errors { code field message } } }
`)
