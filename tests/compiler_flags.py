"""Flags of XLA that make compiling fast, for suites that spend most of their time on it."""


def without_optimizations(backend: str) -> str:
    """Return a value of XLA_FLAGS. Fused loops take JAX's compiler a third of its time."""
    flags = "--xla_backend_optimization_level=0"
    return f"{flags} --xla_cpu_use_fusion_emitters=false" if backend == "jax" else flags
