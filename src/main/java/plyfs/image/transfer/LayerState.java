package plyfs.image.transfer;

/** Where a layer is on its way, in Docker's words. */
public enum LayerState {
  PULLING("Pulling fs layer"),
  DOWNLOADING("Downloading"),
  DOWNLOADED("Download complete"),
  EXTRACTING("Extracting"),
  PULLED("Pull complete"),
  EXISTS("Already exists"),
  PREPARING("Preparing"),
  PUSHING("Pushing"),
  PUSHED("Pushed"),
  MOUNTED("Mounted from"),
  THERE("Layer already exists");

  private final String words;

  LayerState(String words) {
    this.words = words;
  }

  public String words() {
    return words;
  }

  /** Whether it comes with a number of bytes. */
  public boolean isMoving() {
    return this == DOWNLOADING || this == EXTRACTING || this == PUSHING;
  }
}
