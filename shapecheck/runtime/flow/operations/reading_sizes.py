"""Reading a shape or a size: what it yields is a number, whose name may speak of an axis."""

from __future__ import annotations

from typing import Any

from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.register import flows, silent, silent_settings

FAMILY = "sizes"


@flows(FAMILY, "shape size __len__", reads=True)
def size(call: Call) -> Any:
    """Whole shapes and single sizes; `tracker` binds the names they are assigned to."""
    operand = call.args[0]
    axes = call.track(operand)
    if not axes.items or not call.frames:
        return None
    dim: Any = None
    if call.name == "__len__":
        dim = 0
    elif call.name == "size":
        dim = call.get(1, "dim")
    if dim is not None and not isinstance(dim, int):
        return None
    return call.tracker.sizes.reading(call.frames[0], axes, dim)


_PASSED_BY = (
    "dim ndim ndimension numel nelement element_size dtype device layout grad grad_fn is_leaf "
    "requires_grad is_cuda is_sparse is_quantized is_meta is_mkldnn is_cpu is_mps is_xpu "
    "is_complex is_floating_point is_signed is_contiguous is_tensor is_nested names name itemsize "
    "nbytes output_nr data_ptr storage untyped_storage storage_offset stride item tolist numpy "
    "__array__ __bool__ __int__ __float__ __index__ __repr__ __str__ __format__ __contains__ "
    "__hash__ __dir__ __reduce_ex__ __reduce__ __setstate__ backward register_hook retains_grad "
    "is_shared is_pinned is_inference is_same_size equal allclose is_set_to get_device "
    "_version _backward_hooks _base is_distributed is_neg is_conj manual_seed seed is_nonzero "
    "register_post_accumulate_grad_hook _is_view __dlpack__ __dlpack_device__ "
    "__cuda_array_interface__ volatile is_coalesced typecode"
)
silent(_PASSED_BY.split())
silent_settings()
