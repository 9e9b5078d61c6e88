// The functions of the machine in order.ts: their types are the types of its tasks.
import { defineFunctions } from "@stepwell/authoring";

export interface Item {
  readonly sku: string;
  readonly price: number;
  readonly quantity: number;
}

export interface Bill {
  readonly orderId: string;
  readonly amount: number;
}

class CardDeclined extends Error {
  override readonly name = "CardDeclined";
}

export const { price, pay, ship, apologize } = defineFunctions({
  price: (item: Item) => ({ sku: item.sku, amount: item.price * item.quantity }),

  pay: async (bill: Bill) => {
    if (bill.amount > 1_000) throw new CardDeclined(`no card pays ${bill.amount}`);
    return { receipt: `receipt-${bill.orderId}`, paid: bill.amount };
  },

  ship: (parcel: { readonly orderId: string; readonly skus: readonly string[] }) => ({
    tracking: `parcel-${parcel.orderId}`,
    pieces: parcel.skus.length,
  }),

  apologize: (letter: { readonly to: string; readonly reason: string }) => ({
    text: `Dear ${letter.to}: ${letter.reason}`,
  }),
});
