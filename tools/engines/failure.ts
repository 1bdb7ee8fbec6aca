/** An engine that cannot be fetched or started: what is wrong, and what a person can do next. */
export class EngineFailure extends Error {
  readonly nextStep: string;

  constructor(what: string, nextStep: string, options?: ErrorOptions) {
    super(`${what} ${nextStep}`, options);
    this.name = "EngineFailure";
    this.nextStep = nextStep;
  }
}
