"""Writes a tiny checkpoint the way official ones are laid out on the Hugging Face Hub."""

import json
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import Gemma2Config, PaliGemmaConfig, PaliGemmaForConditionalGeneration, SiglipVisionConfig

from . import vocabulary
from .specifications import Specification
from .tensor_names import stored_name
from .weights import randomise


def write_checkpoint(folder: Path, specification: Specification, tokenizer_json: dict) -> None:
    """Makes the model and fills `folder`, which must be empty."""
    model = PaliGemmaForConditionalGeneration(model_config(specification))
    randomise(model, specification)
    model.to(getattr(torch, specification.storage))
    assert_naming_documented(model)

    config = official_config(specification) if specification.naming == "transformers-4" else model.config.to_dict()
    write_json(folder / "config.json", config)
    write_json(
        folder / "generation_config.json",
        {"bos_token_id": vocabulary.BOS, "eos_token_id": vocabulary.EOS, "pad_token_id": vocabulary.PAD},
    )
    write_json(folder / "preprocessor_config.json", preprocessor_config(specification))
    write_json(folder / "tokenizer_config.json", TOKENIZER_CONFIG)
    # On one line, since the thousand added tokens would double the size by their indentation alone.
    (folder / "tokenizer.json").write_text(
        json.dumps(tokenizer_json, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    write_weights(folder, model, specification)


def model_config(specification: Specification) -> PaliGemmaConfig:
    text, vision = specification.text, specification.vision
    return PaliGemmaConfig(
        architectures=["PaliGemmaForConditionalGeneration"],
        dtype=specification.storage,
        image_token_index=vocabulary.IMAGE,
        vocab_size=vocabulary.IMAGE,
        hidden_size=text.hidden,
        projection_dim=text.hidden,
        text_config=Gemma2Config(
            vocab_size=vocabulary.TABLE_ROWS,
            hidden_size=text.hidden,
            intermediate_size=text.intermediate,
            num_hidden_layers=text.layers,
            num_attention_heads=text.heads,
            num_key_value_heads=text.key_value_heads,
            head_dim=text.head_size,
            query_pre_attn_scalar=text.query_pre_attn_scalar,
            attn_logit_softcapping=50.0,
            final_logit_softcapping=specification.final_softcap,
        ),
        vision_config=SiglipVisionConfig(
            hidden_size=vision.hidden,
            intermediate_size=vision.intermediate,
            num_hidden_layers=vision.layers,
            num_attention_heads=vision.heads,
            image_size=vision.image_side,
            patch_size=vision.patch_side,
            vision_use_head=False,
        ),
    )


def official_config(specification: Specification) -> dict:
    """A `config.json` as transformers 4 wrote it: what equals a default is left out."""
    text, vision, storage = specification.text, specification.vision, specification.storage
    return {
        "_vocab_size": vocabulary.IMAGE,
        "architectures": ["PaliGemmaForConditionalGeneration"],
        "bos_token_id": vocabulary.BOS,
        "eos_token_id": vocabulary.EOS,
        "hidden_size": text.hidden,
        "image_token_index": vocabulary.IMAGE,
        "model_type": "paligemma",
        "num_hidden_layers": text.layers,
        "pad_token_id": vocabulary.PAD,
        "projection_dim": text.hidden,
        "text_config": {
            "architectures": ["Gemma2ForCausalLM"],
            "attn_logit_softcapping": 50.0,
            "cache_implementation": "hybrid",
            "final_logit_softcapping": specification.final_softcap,
            "head_dim": text.head_size,
            "hidden_act": "gelu_pytorch_tanh",
            "hidden_activation": "gelu_pytorch_tanh",
            "hidden_size": text.hidden,
            "intermediate_size": text.intermediate,
            "model_type": "gemma2",
            "num_attention_heads": text.heads,
            "num_hidden_layers": text.layers,
            "num_image_tokens": vision.patches,
            "num_key_value_heads": text.key_value_heads,
            "query_pre_attn_scalar": text.query_pre_attn_scalar,
            "sliding_window": 4096,
            "torch_dtype": storage,
            "vocab_size": vocabulary.TABLE_ROWS,
        },
        "torch_dtype": storage,
        "transformers_version": "4.50.0",
        "vision_config": {
            "hidden_size": vision.hidden,
            "image_size": vision.image_side,
            "intermediate_size": vision.intermediate,
            "model_type": "siglip_vision_model",
            "num_attention_heads": vision.heads,
            "num_hidden_layers": vision.layers,
            "num_image_tokens": vision.patches,
            "num_positions": vision.patches,
            "patch_size": vision.patch_side,
            "projection_dim": text.hidden,
            "torch_dtype": storage,
            "vision_use_head": False,
        },
    }


def preprocessor_config(specification: Specification) -> dict:
    side = specification.vision.image_side
    return {
        "do_convert_rgb": None,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_processor_type": "SiglipImageProcessor",
        "image_seq_length": specification.vision.patches,
        "image_std": [0.5, 0.5, 0.5],
        "processor_class": "PaliGemmaProcessor",
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": {"height": side, "width": side},
    }


TOKENIZER_CONFIG = {
    "add_bos_token": False,
    "add_eos_token": False,
    "additional_special_tokens": ["<image>"],
    "bos_token": "<bos>",
    "clean_up_tokenization_spaces": False,
    "eos_token": "<eos>",
    "extra_special_tokens": {"image_token": "<image>"},
    "image_token": "<image>",
    "model_max_length": 1000000000000000019884624838656,
    "pad_token": "<pad>",
    "processor_class": "PaliGemmaProcessor",
    "tokenizer_class": "GemmaTokenizer",
    "unk_token": "<unk>",
}


def write_weights(folder: Path, model: PaliGemmaForConditionalGeneration, specification: Specification) -> None:
    tensors = {stored_name(name, specification.naming): parameter for name, parameter in model.named_parameters()}
    if specification.stores_head:
        # named_parameters() gives a shared tensor once; safetensors, too, wants no two that share memory.
        tensors[stored_name("lm_head.weight", specification.naming)] = model.lm_head.weight.clone()
    tensors = {name: tensor.detach().contiguous() for name, tensor in sorted(tensors.items())}
    if specification.shards == 1:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return

    names = list(tensors)
    weight_map = {}
    for shard in range(specification.shards):
        file = f"model-{shard + 1:05}-of-{specification.shards:05}.safetensors"
        members = names[shard :: specification.shards]
        save_file({name: tensors[name] for name in members}, folder / file, metadata={"format": "pt"})
        weight_map.update(dict.fromkeys(members, file))
    total = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    write_json(folder / "model.safetensors.index.json", index)


def assert_naming_documented(model: PaliGemmaForConditionalGeneration) -> None:
    """What tensor_names.py says of transformers 5 must be what the installed version does."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            saved = set(file.keys())
    assert saved == {stored_name(name, "transformers-5") for name, _ in model.named_parameters()}


def write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
