"""A job without any model."""

import modal

app = modal.App("thumbnails")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("pillow==13.0.0").apt_install("ffmpeg")
bucket = modal.Volume.from_name("pictures", create_if_missing=True)


@app.function(image=image, volumes={"/pictures": bucket}, timeout=600, retries=3, schedule=modal.Cron("0 3 * * *"))
def shrink():
    from pathlib import Path

    from PIL import Image

    for path in Path("/pictures").glob("*.png"):
        with Image.open(path) as picture:
            picture.thumbnail((256, 256))
            picture.save(path.with_suffix(".small.png"))
    bucket.commit()


@app.local_entrypoint()
def main():
    shrink.remote()
