/** A counter of whole litres that begins again when its digits are used up. */
export class Meter {
  register: number;
  modulus: number;

  constructor(register: number, modulus: number) {
    this.register = register;
    this.modulus = modulus;
  }

  /** True when it passed its last number. More than one turn at once would be nobody's to tell. */
  count(litres: number): boolean {
    const sum = this.register + litres;
    this.register = sum % this.modulus;
    return sum >= this.modulus;
  }
}
