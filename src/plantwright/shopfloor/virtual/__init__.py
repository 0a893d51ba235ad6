"""The virtual plant: any plant, run by the engine in real or accelerated time, whose machines speak the shop floor's protocols."""
