"""Whether a call keeps its declarations: contracts read, bindings kept, the judge asked."""
