"""Who answered: by address, path, header, id or the gateway's own word; positive evidence only."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from llm_usage.errors import ConfigError
from llm_usage.model.exchange import HEADER_ALLOW_LIST
from llm_usage.providers import Providers, providers

TABLE = yaml.safe_load((Path(__file__).parent.parent / "ingest" / "llm_usage" / "providers.yaml").read_text())

#: address, path, headers, provider_raw, response_id → gateway, provider
CASES = [
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Groq", None, "openrouter", "groq"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Google", None, "openrouter", "gcp.vertex_ai"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Google AI Studio", None, "openrouter", "gcp.gemini"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Amazon Bedrock", None, "openrouter", "aws.bedrock"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Some New One", None, "openrouter", "some_new_one"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, None, None, "openrouter", None),
    ("ai-gateway.vercel.sh", "/v1/chat/completions", {}, "google", None, "vercel", "gcp.gemini"),
    ("ai-gateway.vercel.sh", "/v1/chat/completions", {}, "vertexAnthropic", None, "vercel", "gcp.vertex_ai"),
    ("api.openai.com", "/v1/responses", {}, None, None, None, "openai"),
    ("contoso.openai.azure.com", "/openai/deployments/x/chat/completions", {}, None, None, None, "azure.ai.openai"),
    ("rubyllm.services.ai.azure.com", "/models/chat/completions", {}, None, None, None, "azure.ai.inference"),
    ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/x/converse", {}, None, None, None, "aws.bedrock"),
    ("<AWS_REGION>.example", "/model/anthropic.claude/converse-stream", {}, None, None, None, "aws.bedrock"),
    (
        "us-central1-aiplatform.googleapis.com",
        "/v1/projects/p/locations/l/publishers/google/models/m:x",
        {},
        None,
        None,
        None,
        "gcp.vertex_ai",
    ),
    (None, None, {}, None, "msg_bdrk_01abc", None, "aws.bedrock"),
    (None, None, {}, None, "msg_01abc", None, "anthropic"),
    (None, None, {}, None, "gen-1758703127-x", "openrouter", None),
    ("proxy.internal", "/v1/chat/completions", {"x-litellm-version": "1"}, None, None, "litellm", None),
    (
        "proxy.internal",
        "/v1/chat/completions",
        {"x-litellm-version": "1", "x-litellm-model-api-base": "https://api.groq.com/openai/v1"},
        None,
        None,
        "litellm",
        "groq",
    ),
    ("p", "/", {"x-litellm-version": "1", "x-litellm-model-api-base": "https://openrouter.ai/api"}, None, None, "litellm", None),
    ("p", "/", {"x-litellm-version": "1", "x-litellm-model-api-base": "https://[x"}, None, None, "litellm", None),
    ("api.openai.com", "/v1/chat/completions", {"helicone-status": "success"}, None, None, "helicone", "openai"),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/anthropic/v1/messages", {}, None, None, "cloudflare", "anthropic"),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/compat/chat/completions", {}, None, None, "cloudflare", None),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/google-vertex-ai/v1/projects/p", {}, None, None, "cloudflare", "gcp.vertex_ai"),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/perplexity-ai/chat/completions", {}, None, None, "cloudflare", "perplexity"),
    ("contoso.openai.azure.us", "/openai/v1/responses", {}, None, None, None, "azure.ai.openai"),
    ("proxy.individual.githubcopilot.com", "/v1/engines/x/completions", {}, None, None, None, "github_copilot"),
    ("router.huggingface.co", "/v1/chat/completions", {"x-inference-provider": "together"}, None, None, "huggingface", "together_ai"),
    ("chatgpt.com", "/backend-api/codex/responses", {}, None, None, None, "openai"),
    ("coding-intl.dashscope.aliyuncs.com", "/v1/chat/completions", {}, None, None, None, "alibaba"),
    ("gateway-us.pydantic.dev", "/proxy/google-vertex/v1beta1/models/x", {}, None, None, "pydantic", "gcp.vertex_ai"),
    ("gateway.pydantic.dev", "/proxy/chat/chat/completions", {}, None, None, "pydantic", None),
    ("localhost:11434", "/api/chat", {}, None, None, None, "ollama"),
    ("llm.corp.example:8443", "/v1/chat/completions", {}, None, None, None, None),
    ("llm.corp.example", "/v1/chat/completions", {"x-groq-region": "us"}, None, None, None, "groq"),
    ("notopenai.com", "/", {}, None, None, None, None),
    ("api.openai.com.evil.example", "/", {}, None, None, None, None),
]


@pytest.mark.parametrize(("address", "path", "headers", "raw", "response_id", "gateway", "provider"), CASES)
def test_route(address, path, headers, raw, response_id, gateway, provider) -> None:
    route = providers().route(address, path, headers, provider_raw=raw, response_id=response_id, api="openai_chat")
    assert (route.gateway, route.provider) == (gateway, provider)


def test_order_of_the_file_means_nothing() -> None:
    turned = Providers(dict(reversed(TABLE.items())), "turned")
    for address, path, headers, raw, response_id, gateway, provider in CASES:
        route = turned.route(address, path, headers, provider_raw=raw, response_id=response_id, api="openai_chat")
        assert (route.gateway, route.provider) == (gateway, provider)


def test_no_two_entries_claim_one_thing() -> None:
    for field in ("hosts", "headers", "id_prefixes", "names"):
        seen: dict[str, str] = {}
        for key, entry in TABLE.items():
            for value in entry.get(field, ()):
                assert seen.setdefault(value, key) == key, f"{value} is in {seen[value]} and {key}"


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(ConfigError, match="unknown field hots"):
        Providers({"a": {"hots": []}}, "x.yaml")


def test_known_deviations() -> None:
    assert providers().route("api.x.ai", "/v1/chat/completions", {}, api="openai_chat").reasoning_separate
    assert not providers().route("api.x.ai", "/v1/responses", {}, api="openai_responses").reasoning_separate
    assert providers().route("ai-gateway.vercel.sh", "/", {}, provider_raw="vertex").reasoning_separate
    assert providers().route("api.perplexity.ai", "/chat/completions", {}, api="openai_chat").reasoning_separate


@pytest.mark.parametrize(
    ("address", "path", "region"),
    [
        ("eu.api.openai.com", "/v1/responses", "eu"),
        ("api.openai.com", "/v1/responses", None),
        (
            "us-central1-aiplatform.googleapis.com",
            "/v1/projects/p/locations/us-central1/publishers/google/models/m:generateContent",
            "us-central1",
        ),
        ("aiplatform.googleapis.com", "/v1/projects/p/locations/global/publishers/google/models/m:generateContent", "global"),
        ("aiplatform.eu.rep.googleapis.com", "/v1/models/m:generateContent", "eu"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "/model/us.anthropic.claude-sonnet-4-6/converse", "us"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/global.anthropic.claude-sonnet-4-6/converse", "global"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/anthropic.claude-sonnet-4-6/converse", "eu-west-1"),
        (
            "bedrock-runtime.eu-west-1.amazonaws.com",
            "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Feu.amazon.nova/converse",
            "eu",
        ),
        ("bedrock-runtime.us-gov-west-1.amazonaws.com", "/model/amazon.nova-pro-v1:0/converse", "us-gov-west-1"),
        ("us-east-1.api.x.ai", "/v1/chat/completions", "us-east-1"),
        ("dashscope-intl.aliyuncs.com", "/compatible-mode/v1/chat/completions", "intl"),
        (None, "/model/eu.amazon.nova-pro-v1:0/converse", "eu"),
    ],
)
def test_where_inference_runs(address: str | None, path: str, region: str | None) -> None:
    assert providers().route(address, path, {}).region == region


CLAIM = "anthropic-ratelimit-unified-representative-claim"


@pytest.mark.parametrize(
    ("address", "path", "headers", "by_plan"),
    [
        ("chatgpt.com", "/backend-api/codex/responses", {}, True),
        ("api.openai.com", "/v1/responses", {}, False),
        ("api.z.ai", "/api/coding/paas/v4/chat/completions", {}, True),
        ("api.z.ai", "/api/paas/v4/chat/completions", {}, False),
        ("api.kimi.com", "/coding/v1/messages", {}, True),
        ("coding-intl.dashscope.aliyuncs.com", "/v1/chat/completions", {}, True),
        ("cloudcode-pa.googleapis.com", "/v1internal:streamGenerateContent", {}, True),
        ("api.anthropic.com", "/v1/messages", {CLAIM: "five_hour"}, True),
        ("api.anthropic.com", "/v1/messages", {CLAIM: "overage"}, False),
        ("api.anthropic.com", "/v1/messages", {}, False),
        ("api.githubcopilot.com", "/chat/completions", {}, False),
    ],
)
def test_what_a_plan_pays(address: str, path: str, headers: dict[str, str], by_plan: bool) -> None:
    assert providers().route(address, path, headers).by_plan is by_plan


@pytest.mark.parametrize(
    ("address", "headers", "gateway", "hit"),
    [
        ("gateway.ai.cloudflare.com", {"cf-aig-cache-status": "HIT"}, "cloudflare", True),
        ("gateway.ai.cloudflare.com", {"cf-aig-cache-status": "MISS"}, "cloudflare", False),
        ("gateway.ai.cloudflare.com", {}, "cloudflare", None),
        ("api.portkey.ai", {"x-portkey-cache-status": "SEMANTIC HIT"}, "portkey", True),
        ("api.portkey.ai", {"x-portkey-cache-status": "SEMANTIC MISS"}, "portkey", False),
        ("oai.helicone.ai", {"helicone-cache": "HIT"}, "helicone", True),
        ("api.braintrust.dev", {"x-bt-cached": "HIT"}, "braintrust", True),
        ("api.braintrust.dev", {"x-bt-cached": "MISS"}, "braintrust", False),
        ("litellm.corp.example", {"x-litellm-cache-hit": "True"}, "litellm", True),
        ("litellm.corp.example", {"x-litellm-cache-hit": "False", "x-litellm-cache-key": "ab"}, "litellm", False),
        ("litellm.corp.example", {"x-litellm-cache-key": "ab12"}, "litellm", True),
        ("openrouter.ai", {"x-openrouter-cache-status": "HIT"}, "openrouter", True),
        ("api.openai.com", {"cf-cache-status": "HIT"}, None, None),
    ],
)
def test_what_a_gateway_says_of_its_own_cache(address: str, headers: dict[str, str], gateway: str | None, hit: bool | None) -> None:
    found = providers().route(address, "/v1/acc/gw/openai/chat/completions", headers)
    assert (found.gateway, found.cache_hit) == (gateway, hit)


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("oai.helicone.ai", "openai"),
        ("anthropic.helicone.ai", "anthropic"),
        ("groq.helicone.ai", "groq"),
        ("ai-gateway.helicone.ai", None),
        ("oai.hconeai.com", "openai"),
    ],
)
def test_a_host_of_a_gateway_may_name_the_provider(address: str, provider: str | None) -> None:
    found = providers().route(address, "/v1/chat/completions", {})
    assert (found.gateway, found.provider) == ("helicone", provider)


def test_every_header_of_the_table_is_kept_by_the_readers() -> None:
    named = {name for fields in TABLE.values() for key in ("cache_headers", "plan_headers") for name in fields.get(key, {})}
    assert named <= HEADER_ALLOW_LIST
