#!/bin/sh
# The image's `vllm`. There is no C++ compiler in the image, so the server must not count on compiling the model.
case "$1" in
  serve) exec /opt/vllm/bin/vllm "$@" --enforce-eager ;;
  *) exec /opt/vllm/bin/vllm "$@" ;;
esac
