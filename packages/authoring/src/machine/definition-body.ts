import type { IChainable } from "../states/chainable.ts";

/** What a machine's definition is made of. */
export class DefinitionBody {
  /** definition: ASL as JSON, with `${Name}` where a substitution goes. */
  static fromString(definition: string): DefinitionBody {
    return new DefinitionBody({ text: definition });
  }
  static fromChainable(chainable: IChainable): DefinitionBody {
    return new DefinitionBody({ chainable });
  }

  readonly content: { readonly text: string } | { readonly chainable: IChainable };

  private constructor(content: { readonly text: string } | { readonly chainable: IChainable }) {
    this.content = content;
  }
}
